"""What tests of the shelter share: uploads, orders, and what a hostile file might have a worker do."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from provenance.reports.faces import Format
from provenance.web.workers import orders
from provenance.workspace.looking import Asked
from tests.support import calls, confined

WRITTEN = (Format.JSON, Format.HTML, Format.CSV, Format.JUNIT, Format.SARIF, Format.MARKDOWN)


def upload(spool, data, name="photo.jpg"):
    """Put bytes into the spool, under a name of our own."""
    path = Path(spool) / os.urandom(8).hex()
    path.write_bytes(data)
    return orders.Upload(path=str(path), name=name)


def order(space, *forms, **more):
    """Ask for a verdict by a workspace's policy; what is no field of the order is asked of the file."""
    own = {name: more.pop(name) for name in ("lists", "manifest", "drawings") if name in more}
    policy = more.pop("policy", None) or space.policy()
    asked = Asked(policy=policy, digest=True, **more)
    return orders.Look(asked=asked, forms=forms or (Format.JSON,), **own)


def run(shelter, *args, **named):
    """Have one call done, in an event loop of its own."""
    return asyncio.run(shelter.run(*args, **named))


def pid(_parcel):
    return os.getpid()


def nap(_parcel, _upload, seconds):
    time.sleep(seconds)
    return os.getpid()


def crash(_parcel, _upload):
    calls.crash()


def take(_parcel, _upload, size):
    return confined.take(size)


def connect(_parcel, port):
    return confined.connect(port)


def read(_parcel, path):
    return confined.read(path)


def decode(_parcel, upload):
    return confined.decode(upload.path)


def end_conditions(parcel):
    """End the process that decides conditions, as a condition that takes too long does."""
    from provenance.web.workers.opening import opened

    opened(parcel).space.policies.conditions.close()
