"""The signer: a process of its own that holds the private keys, and seals labels for web workers that have none."""
