"""Origins: two spellings, https but for private addresses, no default port."""

from __future__ import annotations

import pytest

from traceqr.label.host import MAX_HOST, InvalidOrigin, Origin, is_private


@pytest.mark.parametrize(
    ("text", "scheme", "host"),
    [
        ("HTTPS://QR.EXAMPLE.ORG", "https", "qr.example.org"),
        ("https://qr.example.org", "https", "qr.example.org"),
        ("https://qr.example.org:8443", "https", "qr.example.org:8443"),
        ("https://qr.example.org:80", "https", "qr.example.org:80"),
        ("https://qr.example.org:1", "https", "qr.example.org:1"),
        ("https://qr.example.org:65535", "https", "qr.example.org:65535"),
        ("https://203.0.113.5", "https", "203.0.113.5"),
        ("https://labels", "https", "labels"),
        ("HTTPS://XN--FIQS8S.EXAMPLE", "https", "xn--fiqs8s.example"),
        ("https://0x7g.example", "https", "0x7g.example"),
        ("https://1.example", "https", "1.example"),
        ("https://0x7f.example", "https", "0x7f.example"),
        ("http://127.0.0.1:8000", "http", "127.0.0.1:8000"),
        ("HTTP://LOCALHOST", "http", "localhost"),
        ("http://127.255.255.255", "http", "127.255.255.255"),
        ("http://10.0.0.0", "http", "10.0.0.0"),
        ("http://172.16.0.0", "http", "172.16.0.0"),
        ("http://172.31.255.255", "http", "172.31.255.255"),
        ("http://192.168.0.1:443", "http", "192.168.0.1:443"),
        (f"https://{'a' * 63}.{'b' * 63}", "https", f"{'a' * 63}.{'b' * 63}"),
        (f"https://{'a.' * 126}a", "https", f"{'a.' * 126}a"),
    ],
)
def test_parse(text: str, scheme: str, host: str) -> None:
    origin = Origin.parse(text)
    assert (str(origin), origin.scheme, origin.host) == (text, scheme, host)
    assert origin.upper() == Origin.parse(text.upper())
    assert origin.lower() == Origin.parse(text.lower())


@pytest.mark.parametrize(
    "text",
    ["", "https", "https:", "https:/qr.example.org", "ftp://qr.example.org", "qr.example.org", "://qr.example.org",
     " https://qr.example.org", "\ufeffhttps://qr.example.org", "httpſ://qr.example.org", "ｈttps://qr.example.org",
     "view-source:https://qr.example.org"],
)  # fmt: skip
def test_other_schemes_are_no_label(text: str) -> None:
    with pytest.raises(InvalidOrigin, match="expected https:// and a host, got ") as caught:
        Origin.parse(text)
    assert caught.value.reason == "not-a-label"


@pytest.mark.parametrize(
    "text",
    ["Https://qr.example.org", "HTTPS://qr.example.org", "https://QR.EXAMPLE.ORG", "https://Qr.example.org",
     "HTTPS://QR.EXAMPLE.ORg", "http://LOCALHOST", "Http://127.0.0.1", "hTTPS://QR.EXAMPLE.ORG"],
)  # fmt: skip
def test_mixed_case_is_refused(text: str) -> None:
    with pytest.raises(InvalidOrigin, match="expected scheme and host all upper or all lower case, got ") as caught:
        Origin.parse(text)
    assert caught.value.reason == "host-case"


@pytest.mark.parametrize(
    "name",
    ["qr.example.org", "203.0.113.5", "8.8.8.8", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
     "9.255.255.255", "11.0.0.0", "126.255.255.255", "128.0.0.0", "169.254.1.1", "0.0.0.0", "qr.localhost",
     "localhost.example", "127.0.0.1.example.org", "100.64.0.1"],
)  # fmt: skip
def test_http_is_for_private_hosts_only(name: str) -> None:
    assert not is_private(name)
    for text in (f"http://{name}", f"HTTP://{name.upper()}", f"http://{name}:8000"):
        with pytest.raises(InvalidOrigin, match=f"expected https for the public host '{name}', got http") as caught:
            Origin.parse(text)
        assert caught.value.reason == "http-on-public-host"


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.20.0.1", "192.168.255.255"])
def test_private_hosts(name: str) -> None:
    assert is_private(name)
    assert Origin.parse(f"http://{name}:8000").host == f"{name}:8000"


@pytest.mark.parametrize(
    "text",
    ["https://qr.example.org:443", "HTTPS://QR.EXAMPLE.ORG:443", "http://127.0.0.1:80", "https://qr.example.org:",
     "https://qr.example.org:0", "https://qr.example.org:00", "https://qr.example.org:08443",
     "https://qr.example.org:65536", "https://qr.example.org:99999", "https://qr.example.org:100000",
     "https://qr.example.org:+1", "https://qr.example.org:-1", "https://qr.example.org:8 ",
     "https://qr.example.org:84_43", "https://qr.example.org:1:2", "https://qr.example.org:8443\n",
     "https://user:pw@evil.example", "https://[::1]", "https://[2001:db8::1]:8443"],
)  # fmt: skip
def test_ports_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidOrigin, match="expected no port, or one that is not the default of ") as caught:
        Origin.parse(text)
    assert caught.value.reason == "host-malformed"


@pytest.mark.parametrize(
    "name",
    ["", ":8443", ".", "qr.example.org.", ".qr.example.org", "qr..example.org", "-qr.example.org", "qr-.example.org",
     "qr_1.example.org", "qr example.org", " qr.example.org", "qr.example.org ", "qr.example.org\n", "qr.example.org\0",
     "%71r.example.org", "user@evil.example", "@qr.example.org", "evil.example\\@qr.example.org", "qr.example.org,b",
     "a" * 64 + ".example", "a." * 127 + "a", "*.example.org", "qr.example.org;x"],
)  # fmt: skip
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(InvalidOrigin, match=r"expected a host name of letters, digits, '-' and '.', got ") as caught:
        Origin.parse(f"https://{name}")
    assert caught.value.reason == "host-malformed"


@pytest.mark.parametrize(
    "name",
    ["二维码.example.org", "qr.ex\u0430mple.org", "qr\u3002example.org", "ｑr.example.org", "qr.example.org\u200b",
     "qr.example.org:８４４３", "qr.example.org\udc80"],
)  # fmt: skip
def test_names_outside_ascii_are_refused(name: str) -> None:
    with pytest.raises(InvalidOrigin, match="expected a host name in ASCII, got ") as caught:
        Origin.parse(f"https://{name}")
    assert caught.value.reason == "host-malformed"


def test_a_kelvin_sign_is_no_letter_k() -> None:
    with pytest.raises(InvalidOrigin, match="expected a host name in ASCII"):
        Origin.parse("HTTPS://\u212aR.EXAMPLE.ORG")


@pytest.mark.parametrize(
    "name",
    ["127.1", "127.0.0.01", "0177.0.0.1", "127.0.0.0.1", "127.0.0.256", "1.2.3", "2130706433", "0", "0x7f000001",
     "0x7f.0x0.0x0.0x1", "127.0.0.0x1", "qr.example.7", "qr.example.0x7", "qr.example.0x", "0x", "00.0.0.0"],
)  # fmt: skip
def test_other_spellings_of_an_address_are_refused(name: str) -> None:
    for text in (f"http://{name}", f"https://{name}", f"HTTPS://{name.upper()}"):
        with pytest.raises(InvalidOrigin, match="expected four numbers from 0 to 255, got ") as caught:
            Origin.parse(text)
        assert caught.value.reason == "host-malformed"


def test_the_longest_host() -> None:
    assert MAX_HOST == len("a." * 126 + "a") == 253


@pytest.mark.parametrize("name", ["example.org", "127.0.0.01", "256.0.0.1", "", "localhost.", "LOCALHOST", "::1"])
def test_what_is_no_address_is_not_private(name: str) -> None:
    assert not is_private(name)
