"""`provenance serve`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common, serve_keys
from provenance.errors import NoIdentity, SettingsError

if TYPE_CHECKING:
    from provenance.settings import ServiceSettings, Settings
    from provenance.workspace import Workspace

app = typer.Typer(rich_markup_mode=None, add_completion=False)
app.add_typer(serve_keys.app, name="key")


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen at.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option("--port", help="[default: 8780]", min=0, max=65535)] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes that look at files.  [default: one a core]", min=1)
    ] = None,
) -> None:
    """Answer over HTTP: an API for programs, a page for people; `[service]` in the settings says how.

    Where no catalogue is kept yet, one is made in the workspace. SIGTERM ends it: what is in flight is finished, and
    jobs are taken up again the next time.
    """
    if context.invoked_subcommand is not None:
        return
    from provenance.web import serving

    space = common.workspace()
    settings = _chosen(space.settings, host, port, workers)
    _open_keys(space)
    serving.run(settings, secrets=space.secret.given, tell=lambda address: common.remark(f"listening at {address}"))


def _chosen(settings: Settings, host: str | None, port: int | None, workers: int | None) -> Settings:
    rules: ServiceSettings = settings.service
    rules = replace(
        rules,
        host=rules.host if host is None else host,
        port=rules.port if port is None else port,
        workers=rules.workers if workers is None else workers,
    )
    for name in (rules.tls_certificate, rules.tls_key):
        if name and not Path(name).is_file():
            raise SettingsError("there is no such file for TLS", path=name, hint="look at [service] in the settings")
    return replace(settings, service=rules)


def _open_keys(space: Workspace) -> None:
    """Ask for passphrases now, while somebody is there to answer."""
    try:
        space.signer()
    except NoIdentity:
        common.remark("there is no identity: nothing can be signed until `provenance identity new NAME`")
