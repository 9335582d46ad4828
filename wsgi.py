from traceqr.web.app import from_environment

app = from_environment()
