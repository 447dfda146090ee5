"""A time-stamp authority on loopback that thinks for a while; run by `bench/timestamps.py`.

It writes its root to a file, prints its address, and answers until it is ended.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.tsa import Authority


class Thinking(Authority):
    """One that takes its time, for many at once."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def stamp(self, request: bytes, path: str = "good") -> bytes:
        """Answer after a while."""
        time.sleep(self._seconds)
        return super().stamp(request, path)


def main() -> None:
    root, seconds = Path(sys.argv[1]), float(sys.argv[2])
    with Thinking(seconds) as authority:
        root.write_bytes(authority.root_pem.encode() if isinstance(authority.root_pem, str) else authority.root_pem)
        print(authority.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
