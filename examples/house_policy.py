"""Judge pictures by rules of one's own (`house.toml`): the same signatures, other questions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from provenance import Algorithm, Preset, SigningOptions, Workspace

HERE = Path(__file__).parent


def main() -> None:
    """Sign one picture as a capture and one as generated, and let both policies judge them."""
    workspace = Workspace()
    if "Example News" not in workspace.identities.names():
        workspace.identities.create(
            "Example News", algorithm=Algorithm.ES256, days=365, passphrase=None, at=datetime.now(UTC)
        )
    photo = (HERE / "photo.jpg").read_bytes()
    wishes = {
        "captured": SigningOptions(preset=Preset.CAPTURE),
        "generated": SigningOptions(ai_model="Model 3"),
    }
    for what, options in wishes.items():
        signed = workspace.sign(photo, options=options, signer="Example News").data
        assert signed is not None
        for policy in ("standard", HERE / "house.toml"):
            verdict = workspace.verify(signed, policy=policy)
            print(f"{what}, by {verdict.policy.name}: {verdict.decision}")
            for finding in verdict.findings:
                if finding.decision is verdict.decision and finding.rule.startswith("content."):
                    print(f"  {finding.rule}: {finding.message}")


if __name__ == "__main__":
    main()
