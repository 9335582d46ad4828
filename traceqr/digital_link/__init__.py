"""GS1 Digital Link: what an address names, which links are about it, and which of them answers a request. Pure."""
