"""The security headers that stand on every answer, whatever it is."""

from __future__ import annotations

from flask import Flask
from werkzeug.wrappers import Response

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
OVER_HTTPS = (("Strict-Transport-Security", "max-age=31536000"),)


def install(app: Flask, *, https: bool) -> None:
    """Set the headers on each answer. What says nothing of caching is not stored."""
    fixed = ALWAYS + (OVER_HTTPS if https else ())

    def secure(response: Response) -> Response:
        for name, value in fixed:
            response.headers[name] = value
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(secure)
