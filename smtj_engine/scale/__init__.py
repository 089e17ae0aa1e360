"""Maps over independent pieces of work."""
