"""Conditions of policies: expressions over the report of a file (CEL)."""

from provenance.conditions.evaluator import Evaluator

__all__ = ["Evaluator"]
