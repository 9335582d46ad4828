"""The security headers that stand on every answer, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

Headers = list[tuple[str, str]]

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "img-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_OFFICE_POLICY = _POLICY + "; script-src 'self'; connect-src 'self'"
"""Consoles have scripts, our own alone. Consumers' pages have none, and run none."""

_SCANNING_POLICY = _OFFICE_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""The page that reads labels with the camera runs a program of ours that came as WebAssembly; no other page does."""

_UNUSED = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone payment usb"

# Nothing goes to other sites. Not `no-referrer`: under that, browsers write `Origin: null` on our own forms.
ALWAYS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in _UNUSED.split())),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
_FOR_PLACES = {
    "Content-Security-Policy": _POLICY + "; script-src 'self'",
    "Permissions-Policy": dict(ALWAYS)["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)"),
}
_FOR_SCANNING = {
    "Content-Security-Policy": _SCANNING_POLICY,
    "Permissions-Policy": dict(ALWAYS)["Permissions-Policy"].replace("camera=()", "camera=(self)"),
}
OFFICES = ("/account", "/console", "/association", "/operator", "/inspect", "/inspections")
"""What the paths of pages begin with that are for those who have signed in, or are about to."""

SCANNING = "/console/scan"
"""The one page that may ask for the camera."""

PLACES = "/here/"
"""What the paths of pages begin with that may ask where one is."""

OVER_HTTPS = (("Strict-Transport-Security", "max-age=31536000"),)


def install(app: Flask, *, https: bool) -> None:
    """Set the headers on each answer, whoever made it. What says nothing of caching is not stored.

    Below Flask, where they are one list: set one by one they took a tenth of the time of an answer.
    """
    public = [*ALWAYS, *(OVER_HTTPS if https else ())]
    office = [(name, _OFFICE_POLICY if name == "Content-Security-Policy" else value) for name, value in public]
    scanning = [(name, _FOR_SCANNING.get(name, value)) for name, value in public]
    places = [(name, _FOR_PLACES.get(name, value)) for name, value in public]
    inner = app.wsgi_app

    def secured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        fixed = public
        if path.startswith(OFFICES):
            fixed = scanning if path == SCANNING else office
        elif path.startswith(PLACES):
            fixed = places

        def start(status: str, headers: Headers, error: Any = None) -> Callable[[bytes], object]:
            cached = any(name.lower() == "cache-control" for name, _ in headers)
            more = fixed if cached else [*fixed, ("Cache-Control", "no-store")]
            return start_response(status, headers + more, error)

        return inner(environ, start)

    app.wsgi_app = secured  # type: ignore[method-assign]
