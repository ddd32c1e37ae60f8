"""Rules for every project, and for the commands that install."""

from __future__ import annotations

from pinproof.judgement.rules.everywhere import (
    contradictory_bounds,
    duplicate_requirement,
    inactive_project,
    install_past_lock,
    invalid_requirement,
    marker_never_true,
    missing_release,
    moving_hook,
    relocking_install,
    unknown_project,
    unnormalised_name,
    unpinned_hook_requirement,
    unpinned_install,
    unreadable_file,
    unsorted_requirements,
    untagged_image,
    unused_ignore,
    yanked_release,
)

RULES = (
    unreadable_file.RULE,
    unused_ignore.RULE,
    invalid_requirement.RULE,
    duplicate_requirement.RULE,
    marker_never_true.RULE,
    contradictory_bounds.RULE,
    unsorted_requirements.RULE,
    unnormalised_name.RULE,
    unpinned_install.RULE,
    install_past_lock.RULE,
    untagged_image.RULE,
    moving_hook.RULE,
    unpinned_hook_requirement.RULE,
    relocking_install.RULE,
    unknown_project.RULE,
    yanked_release.RULE,
    missing_release.RULE,
    inactive_project.RULE,
)
