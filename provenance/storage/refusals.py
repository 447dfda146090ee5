"""What object stores answer when they refuse, in our words.

obstore's own messages quote the request and the whole answer, a signature, a token or a key among them at times. So
nothing is taken from them but the status, the vendor's code for the error, and of what kind a failure was.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from provenance.errors import ProvenanceError, StoreError, UnreadableMedia
from provenance.storage.addresses import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provenance.storage.addresses import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way of being refused, known by the vendor's code, the status, or words of obstore where there is none."""

    says: str
    hint: str
    """With `{credentials}`, `{place}` and `{plain}`: the variables of the vendor."""
    codes: frozenset[str] = frozenset()
    statuses: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()


NO_BUCKET: Final = Case(
    says="there is no such bucket",
    hint="check its name, and {place}",
    codes=frozenset({"ContainerBeingDeleted", "ContainerNotFound", "InvalidBucketName", "NoSuchBucket"}),
)
WRONG_CLOCK: Final = Case(
    says="the store says that the clock of this machine is wrong",
    hint="set the clock",
    codes=frozenset({"RequestTimeTooSkewed"}),
)
ELSEWHERE: Final = Case(
    says="the bucket is somewhere else",
    hint="check {place}",
    codes=frozenset({"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}),
    statuses=frozenset({301, 307, 308}),
    words=("redirect without LOCATION",),
)
CREDENTIALS: Final = Case(
    says="the credentials do not hold, or there are none",
    hint="{credentials}",
    codes=frozenset(
        {
            "AuthenticationFailed",
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidAuthenticationInfo",
            "InvalidToken",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
        }
    ),
    statuses=frozenset({401}),
    words=("redential", "Account must be specified", "AccessKeyId", "SecretAccessKey"),
)
THROTTLED: Final = Case(
    says="the store wants fewer requests",
    hint="try again later, or with fewer at a time",
    codes=frozenset({"ServerBusy", "SlowDown"}),
    statuses=frozenset({429}),
)
DENIED: Final = Case(
    says="these credentials may not do this",
    hint="allow reading, listing and writing in this bucket, or use others: {credentials}",
    statuses=frozenset({403}),
)
CONFLICT: Final = Case(
    says="something else is being done with this key at the same time",
    hint="try again",
    statuses=frozenset({409, 412}),
)
FAILING: Final = Case(says="the store fails", hint="try again later", statuses=frozenset(range(500, 600)))
PLAIN: Final = Case(
    says="the store would be asked without encryption, which is not allowed",
    hint="give an endpoint with https, or set {plain}=true where the way to it is safe",
    words=("BadScheme",),
)
SILENT: Final = Case(
    says="the store does not answer in time",
    hint="check the network, and {place}; or try again later",
    words=("kind: Timeout", "TimedOut"),
)
UNREACHABLE: Final = Case(
    says="the store cannot be reached",
    hint="check the network, and {place}",
    words=("HttpError",),
)
ODD_ANSWER: Final = Case(says="the store gives an answer that cannot be used", hint="check {place}")

SURE: Final = (NO_BUCKET, WRONG_CLOCK, ELSEWHERE, CREDENTIALS, THROTTLED, DENIED, PLAIN)
"""After these it is sure that nothing was done: the store has refused in so many words."""

_BY_ANSWER: Final = (NO_BUCKET, WRONG_CLOCK, ELSEWHERE, CREDENTIALS, THROTTLED, DENIED, CONFLICT, FAILING)
_BY_WORDS: Final = (PLAIN, SILENT, UNREACHABLE, ELSEWHERE, CREDENTIALS)

_VARIABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "s3": {
        "credentials": (
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN where there is one), "
            "or AWS_PROFILE"
        ),
        "place": "AWS_REGION and AWS_ENDPOINT_URL",
        "plain": "AWS_ALLOW_HTTP",
    },
    "gs": {
        "credentials": "set GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`",
        "place": "GOOGLE_BASE_URL",
        "plain": "GOOGLE_ALLOW_HTTP",
    },
    "az": {
        "credentials": (
            "set AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN, "
            "or with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        ),
        "place": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ENDPOINT",
        "plain": "AZURE_ALLOW_HTTP",
    },
}

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>\s*([A-Za-z]{1,60})\s*</Code>")
_URL = re.compile(r"https?://[^\s,]+")
_ASKED_FOR_TOKENS = re.compile(
    r"Generic \w+ error: (?:Error performing list request: )?"
    r"(?:Error performing token request|Error performing \w+ http://169\.254\.169\.254/)"
)
"""The machine's own service for credentials, or the vendor's, was what failed."""
_ODD_KEY = re.compile(r'Path "(.*?)"', re.DOTALL)


@contextmanager
def asking(address: Address) -> Iterator[None]:
    """Turn what obstore raises into our errors; only calls of obstore may stand in the block."""
    from obstore.exceptions import BaseError  # noqa: PLC0415 -- only where objects are used

    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        # Not even the chain of causes keeps the original words: tracebacks and logs would show it.
        raise refusal(error, address) from None


def refusal(error: Exception, address: Address) -> ProvenanceError:
    """Return our error for one of obstore's."""
    from obstore.exceptions import InvalidPathError, PreconditionError  # noqa: PLC0415 -- only where objects are used

    text, path = str(error), shown(str(address))
    if isinstance(error, InvalidPathError):
        return _odd_key(text, path)
    if isinstance(error, PreconditionError):
        return UnreadableMedia("was changed while it was read", path=path, hint="try again")
    if _status(text) == 416:
        return UnreadableMedia("is empty", path=path, hint="was it copied completely?")
    if isinstance(error, FileNotFoundError) and judge(error) is not NO_BUCKET:
        return UnreadableMedia("no such object", path=path, hint="check the address")
    return answered(error, address)


def answered(error: Exception, address: Address) -> StoreError:
    """Return our error for one of obstore's that says something about the store, not about an object."""
    return stated(judge(error), address.scheme, shown(str(address)), said=_said(str(error)))


def judge(error: Exception) -> Case:
    """Find the way of being refused that one of obstore's errors is."""
    text = str(error)
    if _ASKED_FOR_TOKENS.match(text):
        return CREDENTIALS
    status, code = _status(text), _code(text)
    if status is not None:
        known = (case for case in _BY_ANSWER if code in case.codes)
        return next(known, None) or next((case for case in _BY_ANSWER if status in case.statuses), ODD_ANSWER)
    words = _URL.sub("", text)  # a key may hold any word
    return next((case for case in _BY_WORDS if any(word in words for word in case.words)), ODD_ANSWER)


def stated(case: Case, scheme: str, path: str, *, said: str = "") -> StoreError:
    """Put a case into words for one vendor."""
    return StoreError(f"{case.says}{said}", path=path, hint=case.hint.format(**_VARIABLES[scheme]))


def _odd_key(text: str, path: str) -> StoreError:
    found = _ODD_KEY.search(text)
    named = f": {shown(found[1])}" if found else ""
    return StoreError(
        f"there is an object here whose key cannot be worked with{named}",
        path=path,
        hint="rename it (no //, no part . or .., no control characters), or name a folder without it",
    )


def _status(text: str) -> int | None:
    found = _STATUS.search(text)
    return int(found[1]) if found else None


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found[1] if found else ""


def _said(text: str) -> str:
    said = " ".join(part for part in (str(_status(text) or ""), _code(text)) if part)
    return f" ({said})" if said else ""
