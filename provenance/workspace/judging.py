"""Which policy judges, where its file is, and what its conditions are decided with."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from provenance import verification
from provenance.errors import SettingsError, about
from provenance.policy import packs, parse
from provenance.policy.reading import LONGEST

if TYPE_CHECKING:
    from provenance.conditions import Evaluator
    from provenance.model.policy import Policy
    from provenance.model.trials import Explained
    from provenance.model.verdict import Inspection, Verdict
    from provenance.settings import Settings


_NAME = 256
"""Characters that no file's name has."""
_HINTS = {"policy": "`provenance policy list` names those that are there"}


class Policies:
    """Policies by name or file, each read once, and whoever decides their conditions."""

    def __init__(self, settings: Settings) -> None:
        self._home = Path(settings.home)
        self._usual = settings.verification.policy
        self._policies: dict[str | Path | None, Policy] = {}

    def policy(self, name: str | Path | None = None) -> Policy:
        """Read a policy by its name or file; without one, that of the settings.

        Raises `SettingsError` for one that is not there or says something that cannot be understood, and for one with
        conditions where nothing is installed that decides them.
        """
        if name not in self._policies:
            text, source = self.find(name)
            with about(source):
                self._policies[name] = parse(text, source=source, wrong=self.wrong)
        return self._policies[name]

    def find(self, name: str | Path | None = None) -> tuple[str, str]:
        """Find a policy's file: one by its path, one of the user's own (`policies/NAME.toml`), or one that comes along.

        Return it as it is, and its path or name. Raises `SettingsError` for a name that nobody bears, and for a file
        that cannot be read.
        """
        wanted = str(name or self._usual)
        if isinstance(name, Path) or "/" in wanted or "\\" in wanted or wanted.lower().endswith(".toml"):
            return _of_file(Path(wanted))
        if wanted in self.own():
            return _of_file(self._home / "policies" / f"{wanted}.toml")
        text = packs.text(wanted)
        if text is None:
            raise SettingsError(f"there is no policy {wanted!r}", hint=self._instead(wanted))
        return text, wanted

    def names(self) -> tuple[str, ...]:
        """Return the names of all policies: those that come along, then the user's own."""
        return tuple(dict.fromkeys((*packs.names(), *self.own())))

    def own(self) -> tuple[str, ...]:
        """Return the names of the user's own policies."""
        return tuple(sorted(item.stem for item in (self._home / "policies").glob("*.toml")))

    def wrong(self, expression: str) -> tuple[str, ...]:
        """Say what is wrong with a condition. Raises `SettingsError` where nothing is installed that decides any."""
        return self.conditions.wrong(expression)

    @cached_property
    def conditions(self) -> Evaluator:
        """Whoever decides conditions. Raises `SettingsError` without the extra `cel`."""
        from provenance.conditions import Evaluator  # noqa: PLC0415 -- only for policies with conditions
        from provenance.reports.variables import names  # noqa: PLC0415 -- only for policies with conditions

        return Evaluator(names())

    @property
    def can_decide(self) -> bool:
        """Whether the process that decides conditions runs, or none was begun yet."""
        return "conditions" not in self.__dict__ or self.conditions.runs

    def verdict(self, inspection: Inspection, policy: Policy) -> Verdict:
        """Judge what was found. Raises `SettingsError` for conditions that nobody can decide."""
        return verification.verify(inspection, policy, conditions=self._deciding(policy))

    def explained(self, inspection: Inspection, policy: Policy) -> tuple[Explained, ...]:
        """Say of every rule what it asks, what it rests on and what came of it; raises as `verdict` does."""
        from provenance.policy.explain import explain  # noqa: PLC0415 -- only who explains needs it

        return explain(verification.facts_of(inspection, conditions=self._deciding(policy)), policy)

    def _deciding(self, policy: Policy) -> Evaluator | None:
        return self.conditions if policy.conditions else None

    def _instead(self, wanted: str) -> str:
        if len(wanted) < _NAME and Path(wanted).is_file():
            return f"a file is named by its path: ./{wanted}"
        import difflib  # noqa: PLC0415 -- only where something is wrong

        known = self.names()
        near = difflib.get_close_matches(wanted[:80], known, n=1)
        return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"


def _of_file(path: Path) -> tuple[str, str]:
    return read_text(path, what="policy"), str(path)


def read_text(path: Path, *, what: str) -> str:
    """Read a file of ours as it is: bytes, so that the digest is that of the file, and no more than it can have.

    Raises `SettingsError`, which calls it a `what`.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(4 * LONGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"the {what} cannot be read: {reason}", path=path, hint=_HINTS.get(what)) from error
