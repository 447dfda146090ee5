"""From an event of an object store to a job of the service: what was put into a bucket is verified, and told.

    PROVENANCE_KEY=pk_… python examples/s3_events.py https://provenance.example.org < event.json

The event is a notification as Amazon S3 sends it to a queue or a function, and as stores that speak its language do.
Credentials for the bucket come from the environment (docs/object-stores.md). Events may come twice, and in any order:
verifying does no harm twice. Exit code: 0 all accepted, 3 somebody should look, 1 one is rejected or could not be read.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from provenance import MediaError
from provenance.client import Client
from provenance.storage import objects

LARGEST = 500_000_000
"""Bytes; as `service.largest`."""


def addresses(event: dict[str, Any]) -> list[str]:
    """Return what was put into which bucket; keys are encoded as in a form."""
    created = (item for item in event.get("Records", ()) if item["eventName"].startswith("ObjectCreated:"))
    found = (item["s3"] for item in created)
    return [f"s3://{item['bucket']['name']}/{unquote_plus(item['object']['key'])}" for item in found]


def main(service: str) -> int:
    """Bring the objects here, hand them in as one job, and tell what became of each."""
    wanted = addresses(json.load(sys.stdin))
    codes = {0}
    with tempfile.TemporaryDirectory() as folder, Client(service, os.environ.get("PROVENANCE_KEY")) as client:
        files: list[Path] = []
        names: list[str] = []
        for number, address in enumerate(wanted):
            # A key can be no name of a file: the last part alone, in a folder of its own.
            place = Path(folder, str(number), address.rpartition("/")[2][-100:])
            place.parent.mkdir()
            try:
                objects.fetch(address, place, largest=LARGEST)
            except MediaError as error:
                print(f"{address}: {error}")
                codes.add(1)
                continue
            files.append(place)
            names.append(address)
        if not files:
            return max(codes)
        job = client.jobs.wait(client.jobs.verify(files).id)
        for result in client.jobs.results(job.id):
            print(f"{names[result.number]}: {result.decision or result.error or result.state}")
            codes.add({"accepted": 0, "review": 3}.get(result.decision or "", 1))
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
