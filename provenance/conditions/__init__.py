"""Conditions of policies: expressions over the report of a file (CEL)."""
