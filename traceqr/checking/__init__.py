"""Checking a registry as a whole: that it agrees with its schema, with its ledger and with itself."""
