"""Take a manifest store out of a media file, and put one back where it still fits.

Everything happens in memory and nothing is trusted: each result is read again before it is handed out.
"""

from provenance.manifests.containers.insertion import attach
from provenance.manifests.containers.jumbf import holds_store
from provenance.manifests.containers.removal import strip

__all__ = ["attach", "holds_store", "strip"]
