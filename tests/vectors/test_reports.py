"""Media made by others, through every format."""

from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from provenance.reports.faces import Format
from provenance.reports.result import Results
from provenance.settings import Settings, TrustSettings
from provenance.workspace import Workspace
from provenance.workspace.looking import Asked, look
from tests.conftest import VECTORS
from tests.support.reports import check, questions, write

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """All vectors, each looked at once with everything that any format needs."""
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors is not there")
    with (VECTORS / "index.csv").open(newline="", encoding="utf-8") as stream:
        names = [row["file"] for row in csv.DictReader(stream)]
    trust = TrustSettings(signers=(str(VECTORS / "test-roots.pem"),))
    settings = Settings(home=str(tmp_path_factory.mktemp("vectors")), trust=trust)
    space = Workspace(settings, clock=lambda: AT)
    asked = Asked(policy=space.policy(), digest=True, interchange=True, pictures=True)
    items = tuple(look(space, VECTORS / name, asked) for name in names)
    return Results(
        items=items, generator="provenance 1.0", at=AT, policy=asked.policy, questions=questions(asked.policy)
    )


@pytest.mark.parametrize("how", list(Format))
def test_every_vector_goes_through_every_format(how, results):
    written = write(how, results)
    check(how, written, results)
    names = [item.name.rpartition("/")[2] for item in results.items]
    text = "".join(written.split()).replace("%20", "")
    assert [name for name in names if "".join(name.split()) not in text] == []
