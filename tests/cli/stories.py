"""What once happened on the real index, in miniature."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local_index import LocalIndex

URLS_BEFORE = "def url_decode(s): ...\ndef url_encode(s): ...\ndef url_parse(s): ...\n"
URLS_AFTER = "def url_parse(s): ...\n"

LOGIN_UTILS = """\
from functools import wraps

from werkzeug.urls import url_decode
from werkzeug.urls import url_encode


def encode(value):
    return url_encode(url_decode(value))
"""


def werkzeug(index: LocalIndex, version: str, uploaded: str, urls: str) -> None:
    files = {"werkzeug/__init__.py": f"__version__ = {version!r}\n", "werkzeug/urls.py": urls}
    index.add("werkzeug", version, files, uploaded=uploaded)


def flask(index: LocalIndex, version: str, uploaded: str, requires: str) -> None:
    files = {"flask/__init__.py": "from werkzeug.urls import url_parse\n\n\nclass Flask: ...\n"}
    index.add("flask", version, files, requires=[requires], uploaded=uploaded)


def login(index: LocalIndex, version: str, uploaded: str, utils: str) -> None:
    files = {"flask_login/__init__.py": "from .utils import encode\n", "flask_login/utils.py": utils}
    index.add("flask-login", version, files, requires=["Flask>=1", "Werkzeug>=1"], uploaded=uploaded)


def flask_login_story(index: LocalIndex) -> None:
    """Werkzeug 3.0 takes away what Flask-Login 0.6.2 imports; 0.6.3 comes a month later."""
    werkzeug(index, "2.2.0", "2022-07-01", URLS_BEFORE)
    werkzeug(index, "2.3.7", "2023-08-14", URLS_BEFORE)
    werkzeug(index, "3.0.0", "2023-09-30", URLS_AFTER)
    flask(index, "2.2.0", "2022-08-01", "Werkzeug>=2.2.0")
    flask(index, "2.3.3", "2023-08-21", "Werkzeug>=2.3.7")
    flask(index, "3.0.0", "2023-09-30", "Werkzeug>=3.0.0")
    login(index, "0.6.2", "2022-07-25", LOGIN_UTILS)
    login(index, "0.6.3", "2023-10-30", "def encode(value): ...\n")


FLASK_3 = "flask==3.0.0\nflask-login==0.6.2\nwerkzeug==3.0.0\n"
FLASK_2 = "flask==2.3.3\nflask-login==0.6.2\nwerkzeug==2.3.7\n"


def pushed_back_story(index: LocalIndex) -> None:
    """Dash 2.10 says what it does not work with; 2.9.3 is merely older than that."""
    for version, uploaded in (("2.2.5", "2023-05-02"), ("2.3.2", "2023-05-01")):
        index.add("flask", version, uploaded=uploaded)
    index.add("dash", "2.9.3", requires=["Flask>=1.0.4"], uploaded="2023-04-13")
    index.add("dash", "2.10.0", requires=["Flask>=1.0.4,<2.3.0"], uploaded="2023-05-25")


def missing_requirement_story(index: LocalIndex) -> None:
    """`tool` imports what only `middle` required, until that stopped."""
    index.add("shared", "1.0", {"shared/__init__.py": "def helper(): ...\n"}, uploaded="2020-01-01")
    index.add("middle", "1.0", requires=["shared"], uploaded="2020-02-01")
    index.add("middle", "2.0", uploaded="2022-01-01")
    files = {"tool/__init__.py": "import middle\nfrom shared import helper\n"}
    index.add("tool", "1.0", files, requires=["middle"], uploaded="2021-01-01")


def latent_story(index: LocalIndex) -> None:
    """`app` calls in a function what `lib` 2 does not have; `other` 2 needs `lib` 2."""
    index.add("lib", "1.0", {"lib/__init__.py": "def old(): ...\ndef new(): ...\n"}, uploaded="2020-01-01")
    index.add("lib", "2.0", {"lib/__init__.py": "def new(): ...\n"}, uploaded="2022-01-01")
    app = {"app/__init__.py": "import lib\n\n\ndef run():\n    return lib.old()\n"}
    index.add("app", "1.0", app, requires=["lib"], uploaded="2021-01-01")
    index.add("other", "1.0", requires=["lib"], uploaded="2021-01-01")
    index.add("other", "2.0", requires=["lib>=2"], uploaded="2022-02-01")


DEPRECATING = """\
import warnings


def __getattr__(name):
    if name == "escape":
        warnings.warn(
            "'lib.escape' is deprecated and will be removed in lib 3. Use 'html.escape'.",
            DeprecationWarning,
            stacklevel=2,
        )
        import html

        return html.escape
    raise AttributeError(name)
"""


def deprecated_story(index: LocalIndex) -> None:
    """`lib` 2 still has `escape`, and says that it goes away."""
    index.add("lib", "1.0", {"lib/__init__.py": "def escape(s): ...\n"}, uploaded="2020-01-01")
    index.add("lib", "2.0", {"lib/__init__.py": DEPRECATING}, uploaded="2022-01-01")
    app = {"app/__init__.py": "from lib import escape\n"}
    index.add("app", "1.0", app, requires=["lib"], uploaded="2021-01-01")


def removed_from_python_story(index: LocalIndex) -> None:
    """`old` 1 imports `imp`, which Python 3.12 does not have; `old` 2 does not."""
    index.add("old", "1.0", {"old/__init__.py": "import imp\n"}, uploaded="2020-01-01")
