"""Edit histories: a manifest store as steps and what went into them."""

from provenance.history.trace import trace, without_credentials

__all__ = ["trace", "without_credentials"]
