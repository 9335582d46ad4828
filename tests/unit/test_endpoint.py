"""Where notifications may go, and everything that looks like it and is not."""

from __future__ import annotations

import pytest

from traceqr.endpoint import Endpoint, InvalidEndpoint, is_public, mail_address


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://hooks.firm.example/traceqr", "https://hooks.firm.example/traceqr"),
        ("https://Hooks.FIRM.example", "https://hooks.firm.example/"),
        ("https://hooks.firm.example:443/a?b=c&d=%20", "https://hooks.firm.example/a?b=c&d=%20"),
        ("https://hooks.firm.example:8443/a", "https://hooks.firm.example:8443/a"),
        ("https://xn--fiqs8s.example/a", "https://xn--fiqs8s.example/a"),
    ],
)
def test_urls_that_are_called(text: str, url: str) -> None:
    endpoint = Endpoint.parse(text)
    assert endpoint.url == url
    assert Endpoint.parse(endpoint.url) == endpoint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "url"),
        ("http://hooks.firm.example/", "url"),
        ("ftp://hooks.firm.example/", "url"),
        ("HTTPS://hooks.firm.example/", "url"),
        ("https://user:password@hooks.firm.example/", "url"),
        ("https://hooks.firm.example\\@10.0.0.1/", "url"),
        ("https://hooks.firm.example#@10.0.0.1/", "url"),
        ("https://hooks.firm.example/a b", "url"),
        ("https://hooks.firm.example/\r\nHost: inner", "url"),
        ("https://hooks.firm.example/中", "url"),
        ("https://hooks.firm.example/" + "a" * 500, "url"),
        ("https://[::1]/", "url"),
        ("https://[::ffff:127.0.0.1]/", "url"),
        ("https://localhost/", "host"),
        ("https://127.0.0.1/", "host"),
        ("https://127.1/", "host"),
        ("https://2130706433/", "host"),
        ("https://0x7f.0.0.1/", "host"),
        ("https://0177.0.0.1/", "host"),
        ("https://169.254.169.254/latest/meta-data", "host"),
        ("https://hooks.firm.example./", "host"),
        ("https://hooks..example/", "host"),
        ("https://-hooks.example/", "host"),
        ("https://hooks_1.example/", "host"),
        ("https://中国.example/", "host"),
        ("https://１２７.０.０.１/", "host"),
        ("https://" + "a" * 64 + ".example/", "host"),
        ("https://" + "a." * 130 + "example/", "host"),
        ("https://hooks.firm.example:22/", "port"),
        ("https://hooks.firm.example:80/", "port"),
        ("https://hooks.firm.example:0/", "port"),
        ("https://hooks.firm.example:65536/", "port"),
    ],
)
def test_urls_that_are_not(text: str, part: str) -> None:
    with pytest.raises(InvalidEndpoint) as caught:
        Endpoint.parse(text)
    assert caught.value.part == part


def test_this_machine_is_called_in_tests_alone() -> None:
    assert Endpoint.parse("http://127.0.0.1:8000/x", loopback=True).url == "http://127.0.0.1:8000/x"
    with pytest.raises(InvalidEndpoint, match="a host on the internet"):
        Endpoint.parse("http://10.0.0.1:8000/x", loopback=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "2606:4700:4700::1111"])
def test_addresses_of_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",  # carriers
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",  # what clouds tell their machines
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",  # Teredo
        "2001:db8::1",
        "2002:7f00:1::1",  # 6to4 of 127.0.0.1
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2400:3200::1%eth0",
        "fec0::1",
        "ff02::1",
        "hooks.firm.example",
        "",
    ],
)
def test_addresses_that_are_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("quality@firm.example", "quality@firm.example"),
        ("Zhang.San+qm@Firm.EXAMPLE", "Zhang.San+qm@firm.example"),
        ("o'hara@mail.firm.example", "o'hara@mail.firm.example"),
    ],
)
def test_mail_addresses(text: str, address: str) -> None:
    assert mail_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quality",
        "@firm.example",
        "quality@",
        "quality@localhost",
        "quality@127.0.0.1",
        "quality@[127.0.0.1]",
        "quality@firm.example\n",
        "quality@firm.example\r\nBcc: everybody@firm.example",
        "quality\r\nBcc: x@firm.example",
        "quality@firm.example, other@firm.example",
        "quality@firm.example;other@firm.example",
        "Quality <quality@firm.example>",
        '"quality"@firm.example',
        "quality(comment)@firm.example",
        ".quality@firm.example",
        "quality..x@firm.example",
        "quality @firm.example",
        "质量@firm.example",
        "quality@公司.example",
        "quality@firm.example>",
        "quality\x00@firm.example",
        "a" * 65 + "@firm.example",
        "a@" + "b" * 250 + ".example",
    ],
)
def test_what_is_no_mail_address(text: str) -> None:
    with pytest.raises(InvalidEndpoint, match="expected a mail address"):
        mail_address(text)
