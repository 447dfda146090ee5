"""Policies: what facts are good enough for."""

from provenance.policy.evaluate import evaluate, needs
from provenance.policy.facts import Facts
from provenance.policy.parse import mistakes, parse
from provenance.policy.registry import Need

__all__ = ["Facts", "Need", "evaluate", "mistakes", "needs", "parse"]
