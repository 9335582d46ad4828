"""The trust bundle, format 1: what one holds to judge labels with no network. See docs/bundle-format.md. Pure."""
