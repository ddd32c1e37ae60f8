"""The lists of requirements that setup.py and setup.cfg have in common.

Source: https://setuptools.pypa.io/en/latest/references/keywords.html
"""

from __future__ import annotations

from pinproof.model.declaration import Where

FIELDS: dict[str, tuple[Where, str, str]] = {
    "install_requires": (Where.PUBLISHED, "", "dependencies"),
    "setup_requires": (Where.BUILD, "", "build-requires"),
    "tests_require": (Where.GROUP, "tests", "tests-require"),
}
"""Where what is in each of them is declared, as which part, and what the list is called where it is dynamic."""
