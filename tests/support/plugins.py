"""Plug-ins as they are found when they are installed: a module, and the metadata of its package beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "watermark"
ALGORITHM = "org.example.block-watermark.1"


def install(folder: Path, name: str, entry_points: dict[str, str], code: str = "") -> Path:
    """Write a package as an installer does, with entry points for watermarks, and return the folder for the path."""
    written = folder / f"{name}-1.0.dist-info"
    written.mkdir(parents=True)
    (written / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{key} = {value}" for key, value in entry_points.items()]
    (written / "entry_points.txt").write_text("\n".join(["[provenance.watermarks]", *lines]) + "\n")
    if code:
        (folder / f"{name}.py").write_text(code)
    return folder


def install_example(folder: Path) -> Path:
    """Write the example's package, by what its own project file says."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    code = (EXAMPLE / "block_watermark.py").read_text(encoding="utf-8")
    return install(folder, "block_watermark", project["entry-points"]["provenance.watermarks"], code)
