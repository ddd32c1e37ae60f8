"""pinproof: pin what works, and prove it."""

from importlib.metadata import version

__version__ = version("pinproof")
