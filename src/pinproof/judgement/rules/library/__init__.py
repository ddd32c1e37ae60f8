"""Rules for what a library publishes."""

from __future__ import annotations

from pinproof.judgement.rules.library import (
    arbitrary_equality,
    capped_python,
    direct_url,
    exact_pin,
    impossible_requirements,
    no_lower_bound,
    no_requires_python,
    only_prereleases,
    own_extra_missing,
    requires_itself,
    unknown_extra,
    untrue_lower_bound,
    upper_cap,
    wildcard_pin,
)

RULES = (
    exact_pin.RULE,
    wildcard_pin.RULE,
    arbitrary_equality.RULE,
    upper_cap.RULE,
    only_prereleases.RULE,
    capped_python.RULE,
    no_lower_bound.RULE,
    untrue_lower_bound.RULE,
    impossible_requirements.RULE,
    own_extra_missing.RULE,
    unknown_extra.RULE,
    direct_url.RULE,
    requires_itself.RULE,
    no_requires_python.RULE,
)
