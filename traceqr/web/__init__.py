"""The faces in a browser. The only package that knows Flask; it states no SQL and holds no private key."""
