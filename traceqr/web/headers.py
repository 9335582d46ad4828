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
"""Pages that read labels with the camera run a program of ours that came as WebAssembly; no other page does."""

_MODULES_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'none'"
"""The worker that reads codes is bound by the policy of its own answer. It fetches that program, and nothing else."""

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
    "Content-Security-Policy": _SCANNING_POLICY + "; worker-src 'self'",
    "Permissions-Policy": dict(ALWAYS)["Permissions-Policy"].replace("camera=()", "camera=(self)"),
}
_FOR_APP = {
    "Content-Security-Policy": _FOR_SCANNING["Content-Security-Policy"] + "; manifest-src 'self'",
    "Permissions-Policy": _FOR_SCANNING["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)"),
}
APP = ("/inspect/", "/inspect/worker.js")
"""The inspectors' app, which scans, asks where it is and works offline: its page, and its worker."""

CHECK = "/check"
"""Where anybody scans a label. The form of it is sent there too, and its answer runs no script."""

OFFICES = ("/account", "/console", "/association", "/operator", "/inspect", "/inspections")
"""What the paths of pages begin with that are for those who have signed in, or are about to."""

SCANNING = (
    "/console/scan",
    CHECK,
    *(f"/console/trace/state/{deed}" for deed in ("pack", "palletise", "ship", "receive", "make")),
)
"""The pages that may ask for the camera."""

MODULES = "/modules/"
"""What the paths of script modules begin with, a worker's among them."""

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
    modules = [(name, _MODULES_POLICY if name == "Content-Security-Policy" else value) for name, value in public]
    in_app = [(name, _FOR_APP.get(name, value)) for name, value in public]
    inner = app.wsgi_app

    def secured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        fixed = public
        if path in SCANNING and (path != CHECK or environ["REQUEST_METHOD"] != "POST"):
            fixed = scanning
        elif path in APP:
            fixed = in_app
        elif path.startswith(OFFICES):
            fixed = office
        elif path.startswith(PLACES):
            fixed = places
        elif path.startswith(MODULES):
            fixed = modules

        def start(status: str, headers: Headers, error: Any = None) -> Callable[[bytes], object]:
            cached = any(name.lower() == "cache-control" for name, _ in headers)
            more = fixed if cached else [*fixed, ("Cache-Control", "no-store")]
            return start_response(status, headers + more, error)

        return inner(environ, start)

    app.wsgi_app = secured  # type: ignore[method-assign]
