"""QR symbols: from a label's text to modules, from modules to pictures, and from a photo back to the text."""
