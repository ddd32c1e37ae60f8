"""What `audit --fix` changed, for people: each pin with what was done for it, what was not, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click import style

from pinproof.model.exposure import Change
from pinproof.presentation.audit_words import conclusion
from pinproof.presentation.difference import difference
from pinproof.presentation.exposure_words import change, fixed
from pinproof.presentation.sentences import one_line

if TYPE_CHECKING:
    from pinproof.model.audit import Audit
    from pinproof.model.exposure import Exposure, Mended
    from pinproof.model.report import Circumstances, Detail


def report(found: Mended, left: Audit, asked: Circumstances, detail: Detail, *, dry_run: bool) -> str:
    """The answer of `audit --fix`."""
    paragraphs = [_applied(one, detail) for one in found.applied]
    paragraphs += [
        [f"{style('not fixed', fg='red')}: {one_line(f'{name}: {reason}')}"] for name, reason in found.refused
    ]
    if dry_run:
        paragraphs += [[difference(name, *pair)] for name, pair in found.files.items()]
    if not detail.quiet:
        done = "would change" if dry_run else "changed"
        files = ", ".join(map(one_line, found.files))
        paragraphs.append([f"{done} {files}" if files else "nothing was changed", conclusion(left, asked)])
    return "\n\n".join("\n".join(lines) for lines in paragraphs)


def _applied(one: Exposure, detail: Detail) -> list[str]:
    assert isinstance(one.change, Change)
    lines = [f"{style('fixed', fg='green')}: {one.name} {one.version} -> {one.change.to}"]
    blocked = [line for release in one.fixed if release.blockers for line in fixed(release)]
    lines += [f"  {line}" for line in (blocked if not detail.quiet else [])]
    return [*lines, *(f"  {line}" for line in change(one, one.change))]
