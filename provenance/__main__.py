"""Run the command line: `provenance` or `python -m provenance`."""

from provenance.cli.app import main

if __name__ == "__main__":
    main()
