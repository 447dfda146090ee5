"""Ask a provenance service over HTTP: the same types and the same errors as the library on this machine.

>>> from provenance.client import Client
>>> with Client("https://provenance.example.org") as client:  # doctest: +SKIP
...     client.verify("photo.jpg").decision
"""

from provenance.client.answers import Asset, SignedFile, Verified
from provenance.client.core import Client
from provenance.client.jobs import Job, JobResult
from provenance.client.retrying import Patience

__all__ = ["Asset", "Client", "Job", "JobResult", "Patience", "SignedFile", "Verified"]
