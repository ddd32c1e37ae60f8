"""Rules for what an application declares and locks."""

from __future__ import annotations

from pinproof.judgement.rules.application import (
    disagreeing_manifests,
    freeze_noise,
    lock_without_hashes,
    needless_cap,
    no_lock,
    not_locked,
    outdated_lock,
    pin_granularity,
    undeclared_import,
    unrecorded_requirement,
    unused_requirement,
)

RULES = (
    not_locked.RULE,
    outdated_lock.RULE,
    lock_without_hashes.RULE,
    unrecorded_requirement.RULE,
    undeclared_import.RULE,
    unused_requirement.RULE,
    disagreeing_manifests.RULE,
    freeze_noise.RULE,
    needless_cap.RULE,
    pin_granularity.RULE,
    no_lock.RULE,
)
