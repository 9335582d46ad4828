"""What processes of their own, the signer and the guard, have in common: frames, a socket to listen on, connections."""
