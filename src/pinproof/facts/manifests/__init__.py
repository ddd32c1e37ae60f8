"""What a project's files declare, each with its exact span: one reader for each kind of file.

A reader takes a text and the path to call it by; it raises nothing: what cannot be read is a problem of the manifest.
"""

from __future__ import annotations
