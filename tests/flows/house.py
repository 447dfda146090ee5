"""A policy of one's own, for tests of the command that checks, explains and tries policies."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

needs_cel = pytest.mark.skipif(find_spec("cel") is None, reason="the extra `cel` is not installed")
POLICY = """name = "house"
version = "7"
purpose = "What we print. It does not prove that it is true."

[[rules]]
rule = "integrity.content-intact"
severity = "fail"

[[rules]]
rule = "integrity.signature-valid"
severity = "fail"

[[rules]]
rule = "integrity.engine-agrees"
severity = "fail"

[[rules]]
rule = "signer.trusted"
severity = "review"
"""
CONDITIONS = """
[[rules]]
rule = "time.trusted"
severity = "fail"
when = "facets.time.state == 'trusted'"

[[custom]]
id = "ours"
require = "history.edits.exists(e, e.id == history.head && e.signature.organization == 'Example News')"
severity = "review"
message = "it is not ours"

[[custom]]
id = "known"
require = "sha256 != 'x'"
severity = "info"
message = "it is one of those"
"""


def narrow(text):
    return all(len(line) <= 80 and line == line.rstrip() for line in text.splitlines())
