"""Files of others, packed and judged again: today, and by packs that were made when their certificates were valid."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provenance import ProvenanceError, Workspace
from provenance.errors import EvidenceError
from provenance.evidence import Agreement, Packing
from provenance.settings import Settings, TrustSettings
from tests.support.campaign import cases

EVERY = cases("every", [3], more=[1])
"""Of the files of others every third, or each."""
MAKE = """
import sys
from pathlib import Path
from provenance import UnsupportedMedia, UnreadableMedia, Workspace
from provenance.evidence import Packing
from provenance.settings import Settings, TrustSettings
folder, roots, target = map(Path, sys.argv[1:4])
space = Workspace(Settings(home=str(target / "home"), trust=TrustSettings(signers=(str(roots),))))
for path in sorted(folder.glob("*__*"))[:: int(sys.argv[4])]:
    try:
        space.evidence(path, target / f"{path.name}.zip", wishes=Packing())
    except (UnsupportedMedia, UnreadableMedia):
        continue
"""


@EVERY
def test_files_of_others_are_judged_again_as_they_were(every, vectors, tmp_path):
    trust = TrustSettings(signers=(str(vectors / "test-roots.pem"),))
    space, elsewhere = Workspace(Settings(home=str(tmp_path), trust=trust)), Workspace()
    judged = 0
    for path in sorted(vectors.glob("*__*"))[::every]:
        target = tmp_path / "x.zip"
        try:
            packed = space.evidence(path, target, wishes=Packing(), overwrite=True)
        except ProvenanceError:
            continue
        found = elsewhere.replay(target)
        assert found.agreement is Agreement.SAME, (path.name, found.differences)
        assert found.verdict.decision is packed.verdict.decision
        judged += 1
        _without_the_file(space, elsewhere, path, tmp_path / "bare.zip")
    assert judged > 50 // every


def _without_the_file(space, elsewhere, path, target):
    packed = space.evidence(path, target, wishes=Packing(include_asset=False), overwrite=True)
    if packed.verdict.inspection.store is None:
        with pytest.raises(EvidenceError, match="not in this pack"):
            elsewhere.replay(target)
        return
    found = elsewhere.replay(target)
    assert found.agreement is Agreement.PARTLY, (path.name, found.differences)


@EVERY
def test_packs_of_the_days_when_certificates_were_valid_are_judged_as_they_were(every, vectors, tmp_path):
    """Made under the clock of 2023; the certificates of some files have expired since."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("faketime is not there")
    clock = {"LD_PRELOAD": str(library), "FAKETIME": "@2023-06-01 12:00:00", "TZ": "UTC"}
    subprocess.run(
        [sys.executable, "-c", MAKE, str(vectors), str(vectors / "test-roots.pem"), str(tmp_path), str(every)],
        env=os.environ | clock, check=True, timeout=300,
    )  # fmt: skip
    packs = sorted(tmp_path.glob("*.zip"))
    expired = 0
    for pack in packs:
        found = Workspace().replay(pack)
        assert found.agreement is Agreement.SAME, (pack.name, found.differences, found.notes)
        expired += any("judges otherwise today" in note for note in found.notes)
    assert len(packs) > 50 // every
    assert expired > 0
