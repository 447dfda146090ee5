"""A hook that an asset system calls for each file that comes in: it fills fields, and says what becomes of the asset.

    python examples/asset_import.py photo.jpg …

The fields are those of the field map (docs/integration.md). Whatever goes wrong, an asset is put on hold.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from provenance import Algorithm, Decision, Preset, ProvenanceError, SigningOptions, Workspace
from provenance.reports import to_fields, to_json
from provenance.settings import Settings
from provenance.workspace.looking import Asked, generator, look

STATES = {Decision.ACCEPTED: "released", Decision.REVIEW: "to be looked at", Decision.REJECTED: "on hold"}


@dataclass
class Asset:
    """What an asset system keeps of a file: a stand-in for yours."""

    path: Path
    state: str = "new"
    columns: dict[str, str] = field(default_factory=dict)


def on_import(asset: Asset, workspace: Workspace) -> None:
    """Fill the columns of an asset from the verdict on its file, and set its state."""
    try:
        result = look(workspace, asset.path, Asked(digest=True))
    except ProvenanceError as error:
        # It concerns all files, such as a policy that cannot be read.
        asset.state, asset.columns = "on hold", {"c2pa_reason": str(error)}
        return
    if result.verdict is None:
        asset.state, asset.columns = "on hold", {"c2pa_reason": str(result.error)}
        return
    found = to_fields.fields(to_json.of_result(result), generator=generator(workspace))
    asset.state = STATES[result.verdict.decision]
    columns = {
        "c2pa_decision": found.decision,
        "c2pa_sentence": found.sentence,
        "c2pa_reason": "; ".join(found.reasons),
        # Empty wherever the signer does not answer for it: these may be shown and searched as facts.
        "c2pa_signer": found.signer,
        "c2pa_signed_at": found.signed_at,
        "iptc_digital_source_type": found.source_type,
        "sha256": found.sha256,
    }
    asset.columns = {name: value for name, value in columns.items() if value}


def main(names: list[str]) -> None:
    """Import files, or without any a signed photo and the same without its credentials."""
    workspace = Workspace()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(name) for name in names] or _examples(Path(folder))
        for path in paths:
            asset = Asset(path)
            on_import(asset, workspace)
            print(f"{path.name}: {asset.state}")
            for name, value in asset.columns.items():
                print(f"    {name}: {value}")


def _examples(folder: Path) -> list[Path]:
    # An identity in a folder of its own: nobody trusts it afterwards.
    desk = Workspace(Settings(home=str(folder)))
    desk.identities.create("Example News", algorithm=Algorithm.ES256, days=30, passphrase=None, at=datetime.now(UTC))
    photo = Path(__file__).parent / "photo.jpg"
    options = SigningOptions(preset=Preset.CAPTURE, source_type="digitalCapture")
    desk.sign(photo, folder / "from-elsewhere.jpg", options=options)
    return [photo, folder / "from-elsewhere.jpg"]


if __name__ == "__main__":
    main(sys.argv[1:])
