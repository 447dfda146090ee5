"""Format × carrier × algorithm: signed by a key of every kind and read back."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import cycle, product

import pytest

from provenance import Algorithm, Carrier, Decision, MetadataLevel, SigningOptions, Workspace
from provenance.settings import Settings
from tests.support import media
from tests.support.campaign import cases

KINDS = list(media.EXTENSIONS)
USUAL = {*zip(KINDS, cycle(Algorithm)), *product(["jpeg"], Algorithm)}
"""Each format by one algorithm, and each algorithm over one format."""
PLAIN = {"metadata": MetadataLevel.NONE, "thumbnail": None}


@pytest.fixture(scope="module")
def all_algorithms(tmp_path_factory):
    """A workspace with one identity for each algorithm, named after it."""
    space = Workspace(Settings(home=str(tmp_path_factory.mktemp("algorithms"))))
    for algorithm in Algorithm:
        space.identities.create(algorithm.value, algorithm=algorithm, days=30, passphrase=None, at=datetime.now(UTC))
    return space


@cases(("kind", "algorithm"), sorted(USUAL), more=product(KINDS, Algorithm), ids=str)
def test_every_carrier_of_every_format_by_every_algorithm(all_algorithms, tmp_path, kind, algorithm):
    source = tmp_path / f"source.{media.EXTENSIONS[kind]}"
    source.write_bytes(media.make(kind))
    carriers = set(Carrier) - ({Carrier.REMOTE} if kind in media.PACKAGES else set())
    for carrier in sorted(carriers):
        url = "https://example.com/1" if carrier is Carrier.REMOTE else None
        options = SigningOptions(carrier=carrier, remote_url=url, **PLAIN)
        output = tmp_path / f"{carrier}.{media.EXTENSIONS[kind]}"
        signed = all_algorithms.sign(source, output, options=options, signer=algorithm.value)
        verdict = all_algorithms.verify(output)
        assert verdict.decision is Decision.ACCEPTED
        assert verdict.inspection.store.active == signed.store.active
        assert verdict.inspection.store.active_manifest.signature.algorithm == algorithm
        assert verdict.facets.signer.reason.startswith(f"{algorithm}, trusted on this machine only")
