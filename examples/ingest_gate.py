"""A gate for incoming files: sort them by decision, say why, end with an exit code.

    python examples/ingest_gate.py incoming/*.jpg

0: all accepted. 3: somebody should look. 1: at least one is rejected, or could not be looked at.
"""

from __future__ import annotations

import sys
from pathlib import Path

from provenance import Decision, MediaError, Workspace


def main(paths: list[str]) -> int:
    """Judge every file; what is wrong with one does not stop the others."""
    workspace = Workspace()
    seen = set()
    for path in map(Path, paths):
        try:
            verdict = workspace.verify(path)
        except MediaError as error:
            print(f"{'error':9} {error}")
            seen.add(Decision.REJECTED)
            continue
        decisive = next((item for item in verdict.findings if item.decision is verdict.decision), None)
        print(f"{verdict.decision:9} {path.name}: {decisive.message if decisive else 'no finding'}")
        seen.add(verdict.decision)
    if Decision.REJECTED in seen:
        return 1
    return 3 if Decision.REVIEW in seen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
