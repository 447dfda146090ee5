"""The web, reached under rules: deadlines, size limits, and no way into the network this program runs in."""

from provenance.network.client import Answer, Client, Rules, shown
from provenance.network.retry import retry

__all__ = ["Answer", "Client", "Rules", "retry", "shown"]
