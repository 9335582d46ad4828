# ruff: noqa: N999, RUF100
"""How gunicorn serves TraceQR. Read from the project's root, and by `traceqr serve` from the installed package."""

import atexit
import os
import resource
import shutil
import sys
import tempfile

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

# One line an event on standard error, by traceqr/web/logs.py, which lets nothing pass that a client sent.
logger_class = "traceqr.web.logs.ServerLogger"
errorlog = "-"

# The name of the server product is nobody's business either; gunicorn always sends one.
gunicorn.SERVER = "TraceQR"


# Where all workers keep their counters, for whichever of them is asked for /metrics.
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def say(event: str, **fields: object) -> None:
    """Log an event of the server itself."""
    from traceqr.web.logs import events

    events().info(event, **fields)


def on_starting(_server: object) -> None:
    """Before the first worker; where nobody may ask for counters, none are kept."""
    if not os.environ.get("TRACEQR_METRICS_TOKEN"):
        return
    folder = tempfile.mkdtemp(prefix="traceqr-metrics-")
    os.environ[METRICS_FOLDER] = folder
    atexit.register(remove_folder, folder, os.getpid())


def remove_folder(folder: str, owner: int) -> None:
    """Workers inherit what is to be done at exit, and must leave it alone."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def when_ready(server: object) -> None:
    """The server listens."""
    say("server-started", workers=server.cfg.workers)  # type: ignore[attr-defined]


def on_reload(server: object) -> None:
    """SIGHUP: new workers start, and then the old ones finish what they have begun."""
    say("server-reloaded", workers=server.cfg.workers)  # type: ignore[attr-defined]


def on_exit(_server: object) -> None:
    """The last worker has left."""
    say("server-stopped")


def post_fork(server: object, _worker: object) -> None:
    """The master knows some modules of ours, for its log: a worker that a reload starts must not inherit old ones."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "traceqr"]:
        del sys.modules[name]
    from traceqr.web.logs import install_in_worker

    install_in_worker(server.pid)  # type: ignore[attr-defined]


def post_worker_init(_worker: object) -> None:
    """The application is loaded."""
    say("worker-started")


def worker_exit(server: object, _worker: object) -> None:
    """A worker's last act. The master tells the same of one that was gone already."""
    if os.getpid() != server.pid:  # type: ignore[attr-defined]
        say("worker-stopped")


def child_exit(_server: object, worker: object) -> None:
    """A worker is gone, however it went: its counts stay, what it said of the moment does not."""
    from prometheus_client.multiprocess import mark_process_dead

    if METRICS_FOLDER in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[attr-defined]


def worker_int(worker: object) -> None:
    """Ctrl-C reaches a worker twice, from the terminal and from the master, and each time gunicorn starts a greenlet
    that ends the process. The second one would hit a worker that is leaving already, and gevent would print that
    as a crash: so it ends here, in silence.
    """
    if getattr(worker, "told_to_leave", False):
        raise gevent.GreenletExit
    worker.told_to_leave = True  # type: ignore[attr-defined]
