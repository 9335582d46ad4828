"""Digital product passports in the shape of the UN Transparency Protocol, and their seal (docs/passport.md). Pure."""
