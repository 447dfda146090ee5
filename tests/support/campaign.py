"""The campaign is the long way: many more cases of what the default run asserts on a few (`make campaign`)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import settings

LEFT_OUT = "not campaign"
"""What the default run selects, as in pyproject.toml."""
PROFILE = "campaign"
settings.register_profile(PROFILE)


def prepare(config):
    """Choose before any test is read how many examples it tries: many, unless the campaign is left out."""
    if config.getoption("markexpr") != LEFT_OUT:
        settings.load_profile(PROFILE)


def cases(names, usual, more, *, ids=None):
    """Parametrize over the usual cases, and for the campaign over those of `more` that are not among them.

    A mapping names its cases. With several names of parameters, each case holds a value for each.
    """
    usual, more = _named(usual), _named(more)
    if not usual:
        raise ValueError("nothing is asserted in the campaign alone")
    marked = [(case, ()) for case in usual] + [(case, pytest.mark.campaign) for case in more if case not in usual]
    params = [
        pytest.param(*((values,) if isinstance(names, str) else values), id=name, marks=marks)
        for (name, values), marks in marked
    ]
    return pytest.mark.parametrize(names, params, ids=ids)


def _named(table):
    return list(table.items()) if isinstance(table, Mapping) else [(None, case) for case in table]


def picked(table, *names):
    """Return a table of some of its cases."""
    return {name: table[name] for name in names}


def examples(few, *, campaign, like=None):
    """Try a property on a few examples; in the campaign, which the test is then a part of, on many."""
    if settings.get_current_profile_name() != PROFILE:
        return settings(like, max_examples=few)
    return lambda test: pytest.mark.campaign(settings(like, max_examples=campaign)(test))
