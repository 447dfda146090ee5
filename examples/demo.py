"""Show the main job on a real photo: `make demo`.

Everything happens in `demo-output/`, with an identity of its own that is thrown away at the next run.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OUTPUT = Path("demo-output")


def run(*arguments: str) -> None:
    """Run one command as a user would, and print it."""
    print(f"\n$ provenance {shlex.join(arguments)}", flush=True)
    environment = os.environ | {"PROVENANCE_HOME": "home", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-m", "provenance", *arguments], cwd=OUTPUT, env=environment, check=False)
    print(f"(exit code {done.returncode})", flush=True)


def main() -> None:
    """Sign, verify, show; then change one byte and verify again."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    shutil.copy(HERE / "photo.jpg", OUTPUT / "photo.jpg")
    run("identity", "new", "Example News")
    run("sign", "photo.jpg", "--author", "James S. Davis", "--ai-training", "not-allowed")
    run("verify", "photo.signed.jpg")
    run("show", "photo.signed.jpg")

    print("\nNow somebody changes one byte of the picture:")
    forged = bytearray((OUTPUT / "photo.signed.jpg").read_bytes())
    forged[-1000] ^= 1
    (OUTPUT / "forged.jpg").write_bytes(forged)
    run("verify", "forged.jpg")
    print(f"\nThe files are in {OUTPUT}/.")


if __name__ == "__main__":
    main()
