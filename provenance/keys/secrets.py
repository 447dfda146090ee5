"""Where passphrases, PINs and tokens come from: callables that are asked in words and answer or pass.

The words are the same each time, such as "the passphrase of Example News", "the PIN of token Newsroom" or "the token
of signer.example": they can be put before a person, and the keyring knows a secret by them. The prompt itself belongs
to the command line.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import KeyUnavailable
from provenance.keys.reading import read

if TYPE_CHECKING:
    from os import PathLike

Secret = Callable[[str], str | None]
"""Takes what is asked for, in words; returns None when it has no answer."""


def from_environment(name: str = "PROVENANCE_PASSPHRASE") -> Secret:
    """Answer everything with an environment variable, as it is at that moment."""
    return lambda _wanted: os.environ.get(name)


def from_file(path: str | PathLike[str]) -> Secret:
    """Answer everything with the text of a file (UTF-8), without the line end that editors put at its end.

    What comes back raises `KeyUnavailable` when the file is missing, not text, or readable for others.
    """

    def answer(_wanted: str) -> str:
        data = read(Path(path), "file of a secret", private=True)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            # Not chained: that error shows a piece of the file.
            text = None
        if text is None:
            raise KeyUnavailable("the file of a secret is not UTF-8 text", path=path, hint="write it again as text")
        return text.removesuffix("\n").removesuffix("\r")

    return answer


def from_keyring(service: str = "provenance") -> Secret:
    """Answer from the system's keyring (extra `keyring`), where the user name of an entry is what is asked for.

    Without that extra, or on a machine without a keyring, it has no answers. What comes back raises `KeyUnavailable`
    when there is a keyring that fails.
    """

    def answer(wanted: str) -> str | None:
        try:
            import keyring  # noqa: PLC0415 -- an extra, and slow to load
            from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415 -- the same
        except ImportError:
            return None
        try:
            return keyring.get_password(service, wanted)
        except NoKeyringError:
            return None
        except KeyringError as error:
            raise KeyUnavailable(
                f"the keyring was asked for {wanted} and failed: {error}",
                hint="unlock it, or give the secret otherwise",
            ) from error

    return answer


def first_of(*sources: Secret) -> Secret:
    """Ask one source after the other until one has an answer that is not empty."""

    def answer(wanted: str) -> str | None:
        return next(filter(None, (source(wanted) for source in sources)), None)

    return answer
