# ruff: noqa: N999, RUF100
"""How gunicorn serves TraceQR. Read from the project's root, and by `traceqr serve` from the installed package."""

import os
import resource

import gevent
import gunicorn  # type: ignore[import-untyped]

# What is served when no application is named: the factory, so that each worker opens its registry after the fork.
wsgi_app = "traceqr.web.app:from_environment()"

# Loopback only: a proxy that speaks TLS stands in front. `traceqr serve --bind` chooses otherwise.
bind = "127.0.0.1:8000"

# One process a core; verifying is computation. WEB_CONCURRENCY is gunicorn's own variable for it.
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Thousands of silent connections cost a gevent worker nothing; they freeze a pool of threads.
worker_class = "gevent"

# Connections a worker holds at once, idle ones included: as many as there are file descriptors for, and some to spare.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_descriptors = min(_hard, 8192) if _hard != resource.RLIM_INFINITY else 8192
resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, _descriptors), _hard))
worker_connections = min(4000, max(_soft, _descriptors) - 100)

# Never fork after loading: no connection to a registry may cross a fork.
preload_app = False

# Bytes of a request line. A longer one is answered 414 before any code of ours runs; a label has about 260.
limit_request_line = 4094

# Header fields, and bytes of each: twice what browsers and in-app browsers send.
limit_request_fields = 64
limit_request_field_size = 8190

# Seconds an idle connection is kept: a page, its style sheet, its picture and its image come over one.
keepalive = 15

# Seconds after which a worker that gives no sign of life is replaced.
timeout = 30

# Seconds that requests under way may take to end when the server stops.
graceful_timeout = 20

# No header decides where the application lies or who asks: not even one sent by the proxy.
forwarder_headers = ""
forwarded_allow_ips = ""

# No control socket: gunicorn would open one per user, and a second server would take the first one's silently.
control_socket_disable = True

# No access log: the address of a request is a label's text, and who scanned what is nobody's business.
accesslog = None

# Errors go to the supervisor by stderr. Warnings would repeat what a client sent in a malformed request.
errorlog = "-"
loglevel = "error"

# The name of the server product is nobody's business either; gunicorn always sends one.
gunicorn.SERVER = "TraceQR"


def worker_int(worker: object) -> None:
    """Ctrl-C reaches a worker twice, from the terminal and from the master, and each time gunicorn starts a greenlet
    that ends the process. The second one would hit a worker that is leaving already, and gevent would print that
    as a crash: so it ends here, in silence.
    """
    if getattr(worker, "told_to_leave", False):
        raise gevent.GreenletExit
    worker.told_to_leave = True  # type: ignore[attr-defined]
