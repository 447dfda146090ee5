"""Load a command only when it is called: all of them together cost more than one verification."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command

PLACES = {
    "sign": "sign:sign",
    "derive": "derive:derive",
    "watch": "watch:watch",
    "verify": "verify:verify",
    "audit": "audit:audit",
    "fields": "fields:fields",
    "show": "history:show",
    "history": "history:history",
    "compare": "compare:compare",
    "recover": "recover:recover",
    "catalogue": "catalogue:app",
    "serve": "serve:app",
    "webhook": "webhook:app",
    "evidence": "evidence:evidence",
    "timestamp": "update:timestamp",
    "refresh": "update:refresh",
    "redact": "redact:redact",
    "identity": "identity:app",
    "trust": "trust:app",
    "policy": "policy:app",
    "extract": "manifests:extract",
    "attach": "manifests:attach",
    "strip": "manifests:strip",
    "formats": "info:formats",
    "schema": "info:schema",
}
"""Where each command is: module, and function or group; in the order of the help."""


class Commands(TyperGroup):
    """The commands of `provenance`."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.commands = _Loaded()


class _Loaded(MutableMapping[str, "Command"]):
    """Commands by name, loaded when they are looked at."""

    def __init__(self) -> None:
        self._found: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._found:
            self._found[name] = _load(name, PLACES[name])
        return self._found[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


def _load(name: str, place: str) -> Command:
    module, _, attribute = place.partition(":")
    found: Any = getattr(import_module(f"provenance.cli.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(found)
        found = alone
    command = typer.main.get_command(found)
    command.name = name
    return command
