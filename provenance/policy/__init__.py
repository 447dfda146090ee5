"""Policies: what facts are good enough for."""

from provenance.policy.evaluate import STANDARD, evaluate

__all__ = ["STANDARD", "evaluate"]
