"""From labels and symbols to what a print house takes."""
