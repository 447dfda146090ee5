"""Run the command line: `provenance` or `python -m provenance`."""

import gc

# Starting makes many objects that stay: looking for garbage among them, again and again and once more at the end, costs
# a tenth of a short run.
gc.set_threshold(100_000, 20, 20)

from provenance.cli import app  # noqa: E402 -- what it brings in is what stays


def main() -> None:
    """Run the command line and leave the rest to the end of the process."""
    try:
        app.main()
    finally:
        gc.disable()


if __name__ == "__main__":
    main()
