"""Certificates of published pledges: what they say, and how they are drawn."""
