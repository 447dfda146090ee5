"""Settings turned into trust and open keys: the place where the parts are joined."""

from provenance.workspace.core import Workspace
from provenance.workspace.shortcuts import inspect, sign, verify

__all__ = ["Workspace", "inspect", "sign", "verify"]
