"""EPCIS 2.0 documents: read, written, named by their hash and asked of. Pure; docs/epcis.md says what is understood."""
