"""Many files from Python, as the page about batches says."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from provenance import Asked, Batch, Engine, Fate, Naming, Signatures, Signing, SigningOptions, Verdicts, Verifying
from tests.support import media

PAGE = Path(__file__).parents[2] / "docs" / "batches.md"


def test_the_python_of_the_page_runs(tmp_path, home, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        (tmp_path / "pictures" / f"{number}.jpg").write_bytes(media.jpeg(number))
    exec(re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL).group(1), {})
    assert Counter(line.split()[0] for line in capsys.readouterr().out.splitlines()) == {"done": 3, "accepted": 3}


def test_all_engines_do_the_same(tmp_path, workspace):
    source = tmp_path / "in"
    source.mkdir()
    for number in range(6):
        (source / f"{number}.jpg").write_bytes(media.jpeg(number))
    (source / "odd.jpg").write_text("no picture")
    for name in ("here", "threads", "processes"):
        batch = Batch(names=[str(source)], engine=Engine(name=name, workers=2))
        signed = Signatures(workspace, batch, Signing(options=SigningOptions()), Naming(output=f"{tmp_path}/{name}/"))
        fates = {Path(item.job.source).name: item.fate for item in signed}
        assert fates == {f"{number}.jpg": Fate.DONE for number in range(6)} | {"odd.jpg": Fate.FAILED}
        batch = Batch(names=[f"{tmp_path}/{name}/"], engine=Engine(name=name, workers=2))
        verdicts = [item.result.decision for item in Verdicts(workspace, batch, Verifying(asked=Asked()))]
        assert verdicts == ["accepted"] * 6
