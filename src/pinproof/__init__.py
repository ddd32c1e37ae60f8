"""pinproof: pin what works, and prove it."""

__version__ = "0.1.0"
