"""Certificates, rosters, enterprises and the register of marks, as everybody sees them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from support.world import MARK, gtin, uscc

from tests.unit.web.world import ENGLISH, World
from traceqr import licensing, pledging, recognising, upholding
from traceqr.certificate import CertificateNumber
from traceqr.web import rosters as views

PAPER = "QM2026-00000001-Y"
CERTIFICATE = f"/certificates/{PAPER}"
ROSTER = "/rosters/quality-month-2026"
JSON = {"Accept": "application/json"}
SCRIPT = '<script>alert("x")</script>'


def page(client: FlaskClient, address: str, language: str = "en", status: int = 200) -> str:
    answer = client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def told(client: FlaskClient, address: str) -> dict[str, object]:
    answer = client.get(address, headers=JSON)
    assert answer.mimetype in ("application/json", "application/problem+json")
    return dict(json.loads(answer.get_data()))


def names(html: str) -> list[str]:
    return re.findall(r'<li><a href="/enterprises/(\w+)"', html)


class TestCertificate:
    def test_one_in_force_is_valid_and_can_be_had(self, world: World, client: FlaskClient) -> None:
        html = page(client, CERTIFICATE)
        assert "This certificate is valid" in html
        assert f'href="{CERTIFICATE}.pdf"' in html
        assert told(client, CERTIFICATE)["valid"] is True
        pdf = client.get(f"{CERTIFICATE}.pdf")
        assert pdf.get_data().startswith(b"%PDF-")
        assert pdf.headers["Cache-Control"] == "no-store"

    def test_a_breached_one_is_found_out(self, world: World, client: FlaskClient) -> None:
        upholding.declare_breach(world.desk, 1, f"抽检不合格 {SCRIPT}")
        upholding.reply(world.desk, 1, "已整改")
        html = page(client, CERTIFICATE)
        assert "no longer valid: the pledge was breached" in html
        assert "抽检不合格" in html
        assert "已整改" in html
        assert SCRIPT not in html
        assert ".pdf" not in html
        assert told(client, CERTIFICATE)["state"] == "breached"
        assert client.get(f"{CERTIFICATE}.pdf").headers["Location"].endswith(CERTIFICATE)

    def test_a_withdrawn_one(self, world: World, client: FlaskClient) -> None:
        page(client, CERTIFICATE)
        pledging.withdraw(world.desk, 1, "企业申请退出")
        assert "no longer valid: the pledge was withdrawn" in page(client, CERTIFICATE)
        assert client.get(f"{CERTIFICATE}.pdf").status_code == 303

    def test_an_expired_one_says_so_and_is_still_to_be_had(self, world: World, client: FlaskClient) -> None:
        world.time.pass_days(400)
        assert "no longer valid: it has expired" in page(client, CERTIFICATE)
        assert told(client, CERTIFICATE)["valid"] is False
        assert client.get(f"{CERTIFICATE}.pdf").status_code == 200

    @pytest.mark.parametrize("typed", ["qm2026-00000001-y", "ＱＭ2026－00000001－Ｙ", " QM2026 00000001 Y"])
    def test_it_is_found_however_it_is_typed(self, client: FlaskClient, typed: str) -> None:
        assert client.get("/certificates", query_string={"number": typed}).headers["Location"].endswith(CERTIFICATE)

    @pytest.mark.parametrize("typed", ["QM2026-00000001-X", "QM2026-0000001-Y", "QM2026", SCRIPT, "9" * 5000])
    def test_a_mistyped_one_is_told_as_such(self, client: FlaskClient, typed: str) -> None:
        answer = client.get("/certificates", query_string={"number": typed}, headers=ENGLISH)
        assert answer.status_code == 404
        assert "mistyped" in answer.get_data(as_text=True)
        assert SCRIPT not in answer.get_data(as_text=True)

    def test_one_that_was_never_published(self, world: World, client: FlaskClient) -> None:
        world.base.application(2, "signed")
        html = page(client, self.number(2), status=404)
        assert "No certificate with this number was ever published" in html
        assert told(client, self.number(2))["reason"] == "certificate-unknown"
        assert client.get(f"{self.number(2)}.pdf").status_code == 404

    def test_the_code_of_another_edition(self, client: FlaskClient) -> None:
        assert told(client, self.number(1, "QX2026"))["reason"] == "certificate-unknown"

    def number(self, pledge: int, code: str = "QM2026") -> str:
        return f"/certificates/{CertificateNumber(code, pledge)}"


class TestRoster:
    def test_it_tells_who_pledged_and_what_became_of_it(self, world: World, client: FlaskClient) -> None:
        world.base.application(2, "published")
        world.base.application(3, "accepted")
        assert names(page(client, ROSTER)) == [uscc(1), uscc(2)]
        upholding.declare_breach(world.desk, 1, "抽检不合格")
        assert "Breached</strong>" in page(client, ROSTER)
        world.time.pass_days(400)
        assert "Expired</strong>" in page(client, ROSTER)

    def test_a_changed_name_shows_at_once(self, world: World, client: FlaskClient) -> None:
        page(client, ROSTER)
        world.base.enterprise(name_en="Another Name")
        assert "Another Name" in page(client, ROSTER)

    @pytest.mark.parametrize(
        "wanted", ["云雾", "qqyw", "QQYW", "cloud tea", uscc(2), uscc(2)[-6:].lower(), "清泉 云雾"]
    )
    def test_searching(self, world: World, client: FlaskClient, wanted: str) -> None:
        world.base.enterprise(2, name_zh="清泉云雾茶厂", name_en="Cloud Tea Works")
        world.base.pledge(2)
        found = client.get(ROSTER, query_string={"q": wanted}).get_data(as_text=True)
        assert names(found) == [uscc(2)]

    def test_nobody_is_found_across_two_names(self, world: World, client: FlaskClient) -> None:
        found = client.get(ROSTER, query_string={"q": "\t"}).get_data(as_text=True)
        assert names(found) == [uscc(1)]
        assert names(client.get(ROSTER, query_string={"q": "没有"}).get_data(as_text=True)) == []

    def test_filters(self, world: World, client: FlaskClient) -> None:
        world.base.enterprise(2, region="330106", sector="manufacturing")
        world.base.pledge(2)
        upholding.declare_breach(world.desk, 1, "抽检不合格")
        for query, expected in (
            ({"region": "330000"}, [uscc(2)]),
            ({"sector": "food"}, [uscc(1)]),
            ({"state": "breached"}, [uscc(1)]),
            ({"state": "in-force"}, [uscc(2)]),
            ({"region": "330000", "sector": "food"}, []),
            ({"region": "x", "sector": "x", "state": "x", "page": "x"}, [uscc(1), uscc(2)]),
            ({"page": "999999"}, [uscc(1), uscc(2)]),
            ({"page": "0"}, [uscc(1), uscc(2)]),
        ):
            assert names(client.get(ROSTER, query_string=query).get_data(as_text=True)) == expected, query

    def test_pages_keep_what_was_asked(
        self, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "PAGE", 1)
        world.base.application(2, "published")
        first = client.get(ROSTER, query_string={"q": '茶"&'}).get_data(as_text=True)
        assert names(first) == []
        first = client.get(ROSTER, query_string={"q": "茶业"}).get_data(as_text=True)
        assert names(first) == [uscc(1)]
        (after,) = re.findall(r'rel="next" href="([^"]+)"', first)
        assert names(client.get(ROSTER + after.replace("&amp;", "&")).get_data(as_text=True)) == [uscc(2)]

    def test_kept_pages_are_bounded(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(views, "MAX_KEPT", 3)
        app = world.app()
        for number in range(10):
            app.test_client().get(f"{ROSTER}?any={number}")
        assert len(app.extensions["traceqr-exhibit"].pages) <= 3

    def test_languages(self, client: FlaskClient) -> None:
        assert "有效" in page(client, ROSTER, "zh-CN")
        assert "名錄" in page(client, ROSTER, "zh-TW")
        assert "In force" in page(client, ROSTER)

    def test_script_in_names_stays_text(self, world: World, client: FlaskClient) -> None:
        world.base.enterprise(name_zh=f"茶{SCRIPT}", name_en=SCRIPT)
        for address in (ROSTER, f"/enterprises/{uscc(1)}", CERTIFICATE):
            for language in ("en", "zh-CN"):
                assert SCRIPT not in page(client, address, language)
        assert SCRIPT not in client.get(ROSTER, query_string={"q": SCRIPT}).get_data(as_text=True)

    def test_the_table_for_the_press_holds_no_formulas(self, world: World, client: FlaskClient) -> None:
        world.base.enterprise(name_zh='=HYPERLINK("x")', name_en="@SUM(1)")
        content = client.get(f"{ROSTER}.csv").get_data()
        assert content.startswith(b"\xef\xbb\xbf")
        (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        assert (row["name_zh"], row["name_en"]) == ('\'=HYPERLINK("x")', "'@SUM(1)")
        assert (row["certificate"], row["state"], row["region_name"]) == (PAPER, "in-force", "上海市")

    def test_as_json(self, world: World, client: FlaskClient) -> None:
        world.base.application(2, "published")
        for found in (told(client, f"{ROSTER}.json"), told(client, ROSTER)):
            assert found["count"] == 2
        assert told(client, f"{ROSTER}.json?q={uscc(2)}")["count"] == 1

    @pytest.mark.parametrize("ending", ["", ".csv", ".json"])
    def test_an_edition_that_is_not_there(self, client: FlaskClient, ending: str) -> None:
        assert client.get(f"/rosters/no-such{ending}").status_code == 404

    def test_the_list_of_editions(self, client: FlaskClient) -> None:
        assert f'href="{ROSTER}"' in page(client, "/rosters")
        assert 'href="/rosters"' in page(client, "/")

    def test_a_registry_out_of_reach_is_said(self, world: World, client: FlaskClient) -> None:
        world.base.take_away()
        for address in (ROSTER, CERTIFICATE, "/rosters", f"/enterprises/{uscc(1)}", "/marks", "/licences/x"):
            assert client.get(address).status_code == 503
        world.base.bring_back()


class TestEnterprise:
    def test_all_that_is_public_of_it(self, world: World, client: FlaskClient) -> None:
        world.base.product(57_000)  # to whose GTIN it has no right
        world.base.mark()
        world.base.licence(gtins=(gtin(56_789),))
        html = page(client, f"/enterprises/{uscc(1)}")
        for expected in (CERTIFICATE, "Green Tea 56789", "Quality Month mark", "/licences/QM", "Expired"):
            assert expected in html
        assert "Green Tea 57000" not in html
        assert "0000-0001" not in html  # whom to ask for there is nobody else's
        assert told(client, f"/enterprises/{uscc(1)}")["pledges"] == [
            {"certificate": PAPER, "campaign": "quality-month-2026", "state": "in-force"}
        ]

    def test_its_honours_and_those_that_were_revoked(self, world: World, client: FlaskClient) -> None:
        address = f"/enterprises/{uscc(1)}"
        assert "Recognitions" not in page(client, address)
        world.base.recognition()
        revoked = world.base.recognition(name_en="", level="city", name_zh="<b>典型做法", kind="practice")
        recognising.revoke_recognition(world.base.desk, revoked, "误录 <i>")
        html = page(client, address)
        for expected in ("2025 Quality award", "National level", "2025 &lt;b&gt;典型做法", "Revoked", "误录 &lt;i&gt;"):
            assert expected in html
        assert [one["state"] for one in told(client, address)["recognitions"]] == ["revoked", "recorded"]

    def test_an_application_is_not_told(self, world: World, client: FlaskClient) -> None:
        world.base.application(2, "accepted")
        assert "No pledge of this enterprise has been published" in page(client, f"/enterprises/{uscc(2)}")

    def test_small_letters_lead_to_it(self, client: FlaskClient) -> None:
        answer = client.get(f"/enterprises/{uscc(1).lower()}")
        assert answer.headers["Location"].endswith(f"/enterprises/{uscc(1)}")

    @pytest.mark.parametrize("name", ["nobody", "%0d%0aSet-Cookie:a=b", "ß"])
    def test_none_of_that_code(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/enterprises/{name}", follow_redirects=True).status_code == 404


class TestRegister:
    @pytest.fixture
    def spelled(self, world: World) -> str:
        world.base.mark()
        number = world.base.licence(gtins=(gtin(56_789),), valid_until=date(2027, 10, 31))
        return str(world.base.one("SELECT spelled FROM mark_licence WHERE number = :number", number=number)["spelled"])

    def test_a_licence_in_force(self, client: FlaskClient, spelled: str) -> None:
        html = page(client, f"/licences/{spelled}")
        assert "In force" in html
        assert "Green Tea 56789" in html
        assert f'href="/licences/{spelled}"' in page(client, f"/marks/{MARK}/licences")
        assert f'href="/marks/{MARK}/licences"' in page(client, "/marks")

    def test_a_suspended_one_says_so_and_is_gone_from_the_roster(
        self, world: World, client: FlaskClient, spelled: str
    ) -> None:
        assert "carried" in page(client, ROSTER)
        licensing.suspend_licence(world.desk, 1, f"抽检不合格{SCRIPT}")
        html = page(client, f"/licences/{spelled}")
        assert "This licence is suspended" in html
        assert "抽检不合格" in html
        assert SCRIPT not in html
        assert "carried" not in page(client, ROSTER)
        assert told(client, f"/licences/{spelled}")["state"] == "suspended"

    def test_a_withdrawn_one(self, world: World, client: FlaskClient, spelled: str) -> None:
        licensing.withdraw_licence(world.desk, 1, "企业注销")
        assert "This licence was withdrawn" in page(client, f"/licences/{spelled}")

    @pytest.mark.parametrize("address", ["/licences/nothing", "/marks/nothing/licences"])
    def test_what_is_not_there(self, client: FlaskClient, address: str) -> None:
        assert client.get(address).status_code == 404


class TestLabels:
    def test_they_lead_to_certificate_and_enterprise(self, world: World, client: FlaskClient) -> None:
        label = world.label(world.issue())
        html = page(client, label.path)
        assert f'href="{CERTIFICATE}"' in html
        assert f'href="/enterprises/{uscc(1)}"' in html
