"""How was it made, and what is stated about it?"""

from provenance.policy.rules.content import disclosure, form, listed, source

__all__ = ["disclosure", "form", "listed", "source"]
