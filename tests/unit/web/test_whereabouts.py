"""Where a request comes from, and whom one believes about that."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from traceqr.settings import InvalidSetting, Settings
from traceqr.web.whereabouts import Whereabouts

SECRET = "a secret of forty characters for the tests"
HANGZHOU = {
    "city": {"geoname_id": 1808926, "names": {"en": "Hangzhou"}},
    "country": {"iso_code": "CN"},
    "location": {"latitude": 30.2943, "longitude": 120.1663, "accuracy_radius": 50},
}
SOMEWHERE = {**HANGZHOU, "location": {"latitude": 34.7732, "longitude": 113.722, "accuracy_radius": 1000}}
TOKYO = {"country": {"iso_code": "JP"}, "location": {"latitude": 35.69, "longitude": 139.69, "accuracy_radius": 500}}
ODD: dict[str, Any] = {"country": "CN", "location": {"latitude": "30", "longitude": [1]}}


def whereabouts(places: Path | None = None, proxies: str = "127.0.0.0/8,::1/128") -> Whereabouts:
    return Whereabouts(SECRET, [ipaddress.ip_network(each) for each in proxies.split(",") if each], places)


def request(address: str, *forwarded: str) -> dict[str, str]:
    return {"REMOTE_ADDR": address} | ({"HTTP_X_FORWARDED_FOR": ", ".join(forwarded)} if forwarded else {})


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Sample-City")
    for network, record in (
        ("60.1.0.0/16", HANGZHOU),
        ("60.2.0.0/16", SOMEWHERE),
        ("60.3.0.0/16", TOKYO),
        ("60.4.0.0/16", ODD),
        ("2408:8000::/24", HANGZHOU),
    ):
        writer.insert_network(IPSet([network]), record)
    path = tmp_path_factory.mktemp("places") / "cities.mmdb"
    writer.to_db_file(str(path))
    return path


class TestAddresses:
    @pytest.mark.parametrize(
        ("environ", "address"),
        [
            (request("60.1.2.3"), "60.1.2.3"),
            (request("127.0.0.1", "60.1.2.3"), "60.1.2.3"),
            (request("::1", "2408:8000::7"), "2408:8000::7"),
            (request("::ffff:127.0.0.1", "60.1.2.3"), "60.1.2.3"),
            (request("", "60.1.2.3"), "60.1.2.3"),  # by a UNIX socket
        ],
    )
    def test_whose_request_it_is(self, environ: dict[str, str], address: str) -> None:
        assert str(whereabouts().address(environ)) == address

    def test_a_stranger_cannot_say_that_he_is_another(self) -> None:
        assert str(whereabouts().address(request("60.9.9.9", "60.1.2.3"))) == "60.9.9.9"

    def test_what_a_client_wrote_before_our_proxy_did_is_not_believed(self) -> None:
        assert str(whereabouts().address(request("127.0.0.1", "8.8.8.8", "60.9.9.9"))) == "60.9.9.9"

    def test_a_chain_of_our_proxies(self) -> None:
        found = whereabouts(proxies="127.0.0.0/8,10.0.0.0/24").address(request("127.0.0.1", "60.9.9.9", "10.0.0.7"))
        assert str(found) == "60.9.9.9"

    @pytest.mark.parametrize("forwarded", ["unknown", "60.1.2.3:80", "60.1.2.300", "", "x" * 5000])
    def test_a_garbled_header_is_nobody(self, forwarded: str) -> None:
        assert whereabouts().address(request("127.0.0.1", forwarded)) is None

    def test_a_header_of_thousands(self) -> None:
        assert whereabouts().address(request("127.0.0.1", *["127.0.0.1"] * 5000)) is None


class TestNetworks:
    def test_neighbours_are_one_network_and_others_are_not(self) -> None:
        here = whereabouts()
        one, neighbour, other = (here.network(request(each)) for each in ("60.1.2.3", "60.1.2.99", "60.1.3.3"))
        assert one == neighbour != other
        assert len(one) == 16

    def test_a_line_with_ipv6_is_one_network(self) -> None:
        here = whereabouts()
        assert here.network(request("2408:8000:1::1")) == here.network(request("2408:8000:1:ffff::9"))
        assert here.network(request("2408:8000:1::1")) != here.network(request("2408:8000:2::1"))

    def test_the_pseudonym_is_another_for_each_deployment(self) -> None:
        other = Whereabouts(SECRET[::-1], (), None)
        assert other.network(request("60.1.2.3")) != whereabouts().network(request("60.1.2.3"))

    @pytest.mark.parametrize("address", ["192.168.1.7", "10.9.8.7", "127.0.0.1", "fe80::1", ""])
    def test_an_address_of_no_public_network_has_none(self, address: str) -> None:
        assert whereabouts().network(request(address)) == ""


class TestPlaces:
    @pytest.mark.parametrize(
        ("address", "place"),
        [
            ("60.1.2.3", "330100"),
            ("2408:8000::1", "330100"),
            ("60.3.2.3", "JP"),
            ("60.2.2.3", ""),  # a country's middle
            ("60.4.2.3", ""),  # a garbled record
            ("61.0.0.1", ""),  # not in the file
        ],
    )
    def test_the_place_of_an_address(self, cities: Path, address: str, place: str) -> None:
        assert whereabouts(cities).place(request(address)) == place

    def test_without_a_file_there_is_no_place(self) -> None:
        assert whereabouts().place(request("60.1.2.3")) == ""

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidSetting, match=r"TRACEQR_PLACES: expected a file of cities .*none\.mmdb"):
            whereabouts(tmp_path / "none.mmdb")

    def test_a_garbled_file_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "bad.mmdb").write_bytes(b"no database" * 100)
        with pytest.raises(InvalidSetting, match=r"TRACEQR_PLACES: .*bad\.mmdb"):
            whereabouts(tmp_path / "bad.mmdb")

    def test_a_file_of_another_kind_is_refused(self, tmp_path: Path) -> None:
        writer = MMDBWriter(database_type="Sample-ASN")
        writer.insert_network(IPSet(["60.1.0.0/16"]), {"autonomous_system_number": 1})
        writer.to_db_file(str(tmp_path / "asn.mmdb"))
        with pytest.raises(InvalidSetting, match="got one of the kind 'Sample-ASN'"):
            whereabouts(tmp_path / "asn.mmdb")


class TestSettings:
    @pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
    def test_odd_proxies_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidSetting, match="TRACEQR_PROXIES: expected addresses or networks"):
            Settings.parse({"TRACEQR_PROXIES": text})

    def test_proxies_as_people_write_them(self) -> None:
        found = Settings.parse({"TRACEQR_PROXIES": "10.0.0.7, 172.16.0.0/12,"}).proxies
        assert [str(each) for each in found] == ["10.0.0.7/32", "172.16.0.0/12"]

    def test_suspicion_is_on_or_off(self) -> None:
        assert Settings.parse({}).suspicion
        assert not Settings.parse({"TRACEQR_SUSPICION": "off"}).suspicion
        with pytest.raises(InvalidSetting, match="TRACEQR_SUSPICION: expected on or off, got 'no'"):
            Settings.parse({"TRACEQR_SUSPICION": "no"})
