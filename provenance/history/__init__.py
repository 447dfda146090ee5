"""Edit histories: a manifest store as steps and what went into them."""

from provenance.history.trace import trace

__all__ = ["trace"]
