import inspect
import json
from types import SimpleNamespace

import pytest

from provenance import errors
from provenance.errors import ProvenanceError
from provenance.web.problems import Problem, of_error


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UnreadableMedia("is empty"), 422),
        (errors.TooLarge("is large"), 413),
        (errors.UnsupportedMedia("is a text"), 415),
        (errors.WorkerLost("died"), 422),
        (errors.BrokenSource("is broken"), 422),
        (errors.NoIdentity("nobody"), 403),
        (errors.CatalogueUnavailable("locked"), 503),
        (errors.SettingsError("no such policy"), 422),
        (errors.FetchError("refused"), 422),
        (errors.OutputError("disk full"), 507),
        (ProvenanceError("odd"), 500),
    ],
)
def test_every_error_has_its_status(error, status):
    assert of_error(error).status == status


def test_no_error_is_without_one():
    every = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, ProvenanceError)]
    assert len(every) > 20
    assert all(400 <= of_error(kind("x")).status < 600 for kind in every)


def test_a_problem_names_the_file_and_what_to_do():
    error = errors.UnreadableMedia("is empty", path="photo\x1b.jpg", hint="was it copied completely?")
    request = SimpleNamespace(state=SimpleNamespace(request_id="r1"))
    answer = of_error(error).answer(request)
    assert answer.media_type == "application/problem+json"
    assert json.loads(answer.body) == {
        "type": "/problems/UnreadableMedia",
        "title": "photo⟨U+001B⟩.jpg: is empty",
        "status": 422,
        "hint": "was it copied completely?",
        "instance": "r1",
    }


def test_what_is_wrong_here_names_no_path():
    assert "secret" not in of_error(errors.CatalogueError("is broken", path="secret/catalogue.db")).title


def test_a_problem_can_be_raised():
    with pytest.raises(Problem):
        raise Problem(status=400, title="no")
