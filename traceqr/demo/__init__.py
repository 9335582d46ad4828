"""The demonstration: invented enterprises, their products and pledges, and labels for every verdict."""
