"""`pinproof audit`: options to an action, its answer to the terminal."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pinproof.cli.boundary import guarded
from pinproof.cli.exit_codes import EXIT_CODES
from pinproof.cli.options import common_options_of_findings
from pinproof.cli.subjects import installed, pinned

if TYPE_CHECKING:
    from pinproof.actions.advisories import Advisories
    from pinproof.actions.library import Outside
    from pinproof.actions.lock_files import GivenSet
    from pinproof.actions.outside import Settings
    from pinproof.actions.projects import Project
    from pinproof.actions.verify import Subject
    from pinproof.cli.options import Common
    from pinproof.cli.terminal import Terminal
    from pinproof.model.audit import Audit


@click.command(
    short_help="Find known vulnerabilities of a set, or of what a declaration lets in.", epilog=EXIT_CODES
)
@click.argument("target", required=False, type=click.Path(), metavar="[TARGET]")
@click.option(
    "--env",
    "environment",
    type=click.Path(),
    metavar="PATH",
    help="Audit what is installed: a virtual environment, its python, or a site-packages folder.",
)
@click.option(
    "--advisories",
    "export",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Take the advisories from an export of OSV on this machine: a zip file, or a folder of records.",
)
@click.option(
    "--service-url", metavar="URL", help="A service that speaks the API of OSV, instead of api.osv.dev."
)
@click.option(
    "--extra",
    "extras",
    multiple=True,
    metavar="NAME",
    help="Of a declaration, an extra, too. May be repeated.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="Of a declaration, a dependency group, too. May be repeated.",
)
@click.option(
    "--sbom",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the set and its vulnerabilities as a bill of materials, too: CycloneDX 1.6, in JSON.",
)
@click.option(
    "--known-only",
    is_flag=True,
    help="Only list what is known: not how it came in, what keeps fixes out, and what would let them in.",
)
@click.option(
    "--fix",
    is_flag=True,
    help="Change declarations and lock so that fixed releases come in, if that is proven to work.",
)
@click.option("--dry-run", is_flag=True, help="With --fix: write nothing, show the difference.")
@click.option(
    "--held-back",
    is_flag=True,
    help="Tell instead which packages of the set keep newer releases of others from it, vulnerable or not.",
)
@common_options_of_findings
@guarded
def audit(
    common: Common,
    terminal: Terminal,
    *,
    target: str | None,
    environment: str | None,
    export: Path | None,
    service_url: str | None,
    extras: tuple[str, ...],
    groups: tuple[str, ...],
    sbom: Path | None,
    known_only: bool,
    fix: bool,
    dry_run: bool,
    held_back: bool,
) -> int:
    """Which packages of a set are known to be vulnerable, and where that is fixed.

    TARGET is what `pinproof verify` takes: a lock file, or a folder that has one. A declaration (pyproject.toml,
    setup.cfg, a requirements file that leaves versions open, a script), or a folder that has nothing else, is audited
    over all that it lets in.
    """
    from pinproof.actions.advisories import Advisories, source_of
    from pinproof.actions.audit import Terms, ignores_in
    from pinproof.actions.outside import opened
    from pinproof.model.report import Circumstances

    if environment is not None and target is not None:
        raise click.UsageError("give a TARGET or --env, not both")
    if export is not None and service_url is not None:
        raise click.UsageError("give --advisories or --service-url, not both")
    if sbom is not None:
        _need_cyclonedx()
    if sbom is not None and (fix or held_back):
        raise click.UsageError("--sbom is for an audit: not with --fix or --held-back")
    _refuse_what_does_not_go_together(common, environment, known_only, fix, dry_run, held_back)
    subject, settings = _subject(target, environment, common, terminal, extras, groups)
    circumstances = Circumstances(settings.target, settings.as_of)
    with opened(settings, terminal.progress) as outside:
        if held_back:
            from pinproof.cli.audit_remedies import show_held_back

            return show_held_back(
                _set(subject), outside, circumstances, common, terminal, environment is None
            )
        advisories = Advisories(source_of(outside.fetcher, export, service_url))
        if fix:
            from pinproof.cli.audit_remedies import mended

            given = _set(subject)
            terms = Terms(ignores_in(Path(given.filename).parent))
            return mended(given, outside, advisories, terms, circumstances, common, terminal, dry_run=dry_run)
        found = _audited(
            subject, outside, advisories, terminal, known_only=known_only, is_lock=environment is None
        )
        terminal.close_progress()
        terminal.warn_of_store(outside.store.problem)
    if sbom is not None:
        _write_bill(sbom, found)
    form = import_module(f"pinproof.presentation.audit_as_{common.output_format}")
    terminal.result(form.audit(found, circumstances, common.detail()))
    return found.status.exit_code


def _refuse_what_does_not_go_together(
    common: Common, environment: str | None, known_only: bool, fix: bool, dry_run: bool, held_back: bool
) -> None:
    """Options that say something about what is not done."""
    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix")
    if sum((known_only, fix, held_back)) > 1:
        raise click.UsageError("give one of --known-only, --fix and --held-back")
    if fix and environment is not None:
        raise click.UsageError("--fix changes a lock and what declares it: --env has no place there")
    if (fix or held_back) and common.output_format not in ("text", "json"):
        raise click.UsageError("--fix and --held-back are told as text or json")


def _set(subject: Subject | Project) -> GivenSet:
    from pinproof.actions.verify import Subject

    if isinstance(subject, Subject):
        return subject.given
    raise click.UsageError("--fix and --held-back are for what is pinned: name a lock")


def _subject(
    target: str | None,
    environment: str | None,
    common: Common,
    terminal: Terminal,
    extras: tuple[str, ...],
    groups: tuple[str, ...],
) -> tuple[Subject | Project, Settings]:
    """What is to be audited, and the settings for it."""
    from pinproof.actions.audit_targets import declaration_for
    from pinproof.actions.projects import find_project
    from pinproof.actions.verify import settings_for

    if environment is not None:
        return installed(environment, [], common)
    settings = common.settings()
    declaration = declaration_for(target)
    if declaration is None:
        if extras or groups:
            raise click.UsageError(
                "--extra and --group are for declarations: what is locked is audited as a whole"
            )
        subject = pinned(target, [], settings, terminal, with_source=False, doing="audit")
        return subject, settings_for(subject.given, settings)
    project = find_project([str(declaration)], Path(), extras=extras, groups=groups, with_source=False)
    return project, replace(
        settings, declared_indexes=project.extra_index_urls, declared_default=project.index_url
    )


def _audited(
    subject: Subject | Project,
    outside: Outside,
    advisories: Advisories,
    terminal: Terminal,
    *,
    known_only: bool,
    is_lock: bool,
) -> Audit:
    from pinproof.actions.audit import Terms, audit_declared, audit_set, ignores_in
    from pinproof.actions.verify import Subject

    if not isinstance(subject, Subject):
        return audit_declared(subject, outside, advisories, Terms(ignores_in(subject.folder)))
    ignores = ignores_in(Path(subject.given.filename).parent if is_lock else Path())
    if known_only:
        return audit_set(subject.given, advisories, Terms(ignores))
    from pinproof.actions.audit_remedies import Remedies
    from pinproof.cli.audit_remedies import with_exposures

    remedies = Remedies(subject.given, outside, advisories, is_lock=is_lock)
    try:
        found = audit_set(subject.given, advisories, Terms(ignores, remedies.is_fixable))
        return with_exposures(found, remedies, terminal)
    finally:
        remedies.close()


def _need_cyclonedx() -> None:
    from importlib.util import find_spec

    from pinproof.errors import InputError

    if find_spec("cyclonedx") is None:
        raise InputError(
            "--sbom needs cyclonedx-python-lib, which is not installed", "pip install 'pinproof[sbom]'"
        )


def _write_bill(path: Path, found: Audit) -> None:
    """InputError where there is no set, or no folder to write into."""
    from pinproof.errors import InputError
    from pinproof.presentation.audit_as_cyclonedx import bill_of_materials
    from pinproof.sources.replacing import replace_file

    if found.ranges:
        raise InputError("--sbom needs a set: a declaration is none", "Lock it first: `pinproof lock`.")
    replace_file(path, bill_of_materials(found).encode())
