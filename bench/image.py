"""Is the container image built, and does it work as shut in as compose.yaml has it? With podman or docker."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import yaml
from _measure import machine

from provenance import Decision
from provenance.client import Client

ROOT: Final = Path(__file__).parent.parent
PHOTO: Final = ROOT / "examples" / "photo.jpg"
TAG: Final = "provenance:tried"
ADDRESS: Final = "http://127.0.0.1:8780"
_NAMED: Final = {
    "read_only": "--read-only",
    "init": "--init",
    "cap_drop": "--cap-drop",
    "security_opt": "--security-opt",
    "tmpfs": "--tmpfs",
    "pids_limit": "--pids-limit",
    "mem_limit": "--memory",
}
"""What compose.yaml shuts the service in with, as options of `run`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What builds and runs containers, and a volume of its own for what they write."""

    program: tuple[str, ...]
    building: tuple[str, ...]
    running: tuple[str, ...]
    name: str = field(default_factory=lambda: f"provenance-{uuid.uuid4().hex[:8]}")

    def ask(self, *arguments: str) -> str:
        """Return what the engine prints. Raises `SystemExit` with all of it when it fails."""
        done = subprocess.run([*self.program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{shlex.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    def build(self) -> None:
        """Build the image."""
        self.ask("build", *self.building, "--tag", TAG, str(ROOT))

    def run(self, *arguments: str, detached: bool = False, entry: str | None = None) -> str:
        """Run the image as the composition has it, on the machine's own network."""
        options = ["--detach", "--name", self.name] if detached else ["--rm"]
        options += ["--entrypoint", entry] if entry else []
        kept = ["--volume", f"{self.name}:/var/lib/provenance", "--network", "host"]
        return self.ask("run", *options, *kept, *shut_in(), *self.running, TAG, *arguments)

    def remove(self) -> None:
        """Remove the container and its volume, where they are."""
        for arguments in (("rm", "--force", self.name), ("volume", "rm", self.name)):
            subprocess.run([*self.program, *arguments], capture_output=True, check=False)


def shut_in() -> list[str]:
    """Return what the composition says about the service's rights, as options."""
    service: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["service"]
    options = []
    for name, option in _NAMED.items():
        value = service[name]
        if value is True:
            options.append(option)
            continue
        for item in value if isinstance(value, list) else [value]:
            options += [option, str(item)]
    return options


def ready() -> dict[str, Any]:
    """Wait until the service says that it can work; return what it says."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            answer = httpx.get(f"{ADDRESS}/readyz", timeout=10)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        time.sleep(0.5)
    raise SystemExit("the service in the container is not ready after 60 s")


def tried(engine: Engine) -> dict[str, tuple[bool, str]]:
    """Use a built image as an administrator and a client do; return what was found of each thing."""
    found: dict[str, tuple[bool, str]] = {}
    python = engine.run("-c", "import platform; print(platform.python_version())", entry="python")
    size = int(engine.ask("image", "inspect", TAG, "--format", "{{.Size}}"))
    found["image"] = True, f"{size / 1e6:.0f} MB, Python {python}"
    found["user"] = (user := engine.run("-u", entry="id")) == "10001", user
    writing = "touch /x /opt/x 2>/dev/null || echo refused; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status"
    rights = engine.run("-c", writing, entry="sh").split()
    found["rights"] = rights == ["refused", "CapEff:", "0" * 16, "NoNewPrivs:", "1"], " ".join(rights)
    engine.run("identity", "new", "Example News")
    engine.run("serve", "--host", "127.0.0.1", detached=True)
    state = ready()
    loose = state["checks"]["workers"]["not_confined"]
    found["workers"] = not loose, f"not confined: {', '.join(loose) or 'nothing'}"
    engine.ask("exec", engine.name, *_health(engine))
    found["health"] = True, "the image's own check passes"
    key = engine.ask("exec", engine.name, "provenance", "serve", "key", "create", "desk", "--scope", "sign").split()[0]
    with Client(ADDRESS, key=key) as client:
        signed = client.sign(PHOTO)
        found["signing"] = signed.media_type == "image/jpeg", signed.media_type
        decision = client.verify(signed.data or b"").decision
    found["verifying"] = decision is Decision.ACCEPTED, str(decision)
    began = time.monotonic()
    engine.ask("stop", "--time", "30", engine.name)
    code = engine.ask("inspect", engine.name, "--format", "{{.State.ExitCode}}")
    found["ending"] = code == "0", f"code {code} after {time.monotonic() - began:.1f} s"
    return found


def _health(engine: Engine) -> list[str]:
    """Return the command that the image is healthy by."""
    test: list[str] = json.loads(engine.ask("image", "inspect", TAG, "--format", "{{json .Config.Healthcheck.Test}}"))
    return test[1:]


def main() -> int:
    """Build, try, and print a row for each thing; 1 when one of them is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default=shutil.which("docker") or "podman", help="with options of its own, if any")
    parser.add_argument("--building", default="", help="more options of `build`")
    parser.add_argument("--running", default="", help="more options of `run`")
    given = parser.parse_args()
    engine = Engine(
        program=tuple(shlex.split(given.engine)),
        building=tuple(shlex.split(given.building)),
        running=tuple(shlex.split(given.running)),
    )
    print(machine(), file=sys.stderr)
    began = time.monotonic()
    engine.build()
    print(f"built in {time.monotonic() - began:.0f} s")
    try:
        found = tried(engine)
    finally:
        engine.remove()
    for name, (good, told) in found.items():
        print(f"{'ok  ' if good else 'FAIL'} {name}: {told}")
    return 0 if all(good for good, _ in found.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
