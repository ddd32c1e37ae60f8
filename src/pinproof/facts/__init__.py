"""Read text, and state what it says."""
