"""URLs: what of them may be shown, and what tells them apart. User, password and query may be secrets."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit, urlunsplit

from pinproof.errors import OutsideError


def public_url(url: str) -> str:
    """The URL as it may be shown: without user, password, query and fragment (each may hold a secret)."""
    parts = split(url)
    return urlunsplit((parts.scheme, _host(url), parts.path, "", ""))


def without_credentials(url: str) -> str:
    """The URL without user and password and without fragment: what identifies a resource."""
    parts = split(url)
    return urlunsplit((parts.scheme, _host(url), parts.path, parts.query, ""))


def split(url: str) -> SplitResult:
    """The parts of a URL. Raises OutsideError where it is none."""
    try:
        return urlsplit(url)
    except ValueError as error:
        # Without the URL itself: where its parts cannot be told apart, neither can its password.
        raise OutsideError(f"not a URL: {error}") from None


def _host(url: str) -> str:
    return split(url).netloc.rpartition("@")[2]


def origin(url: str) -> str:
    """Scheme, host and port: what credentials are for."""
    return f"{split(url).scheme}://{_host(url)}".lower()
