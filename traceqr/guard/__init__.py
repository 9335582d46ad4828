"""The guard: a process of its own that alone holds the hidden roots, and says whether a hidden code is right."""
