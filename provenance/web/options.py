"""What a request may ask for beside the file: query parameters, validated at the wire, then the library's own types."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from provenance.claims import AiTraining, MetadataLevel, Preset, SigningOptions
from provenance.model.claim import Timestamp
from provenance.reports.faces import Format

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""Of a policy, a trust list or an identity: what is installed here, never a path."""


_ADDRESS: Final = r"^https://([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]|\{id\})+$"
"""As it will stand in the file: written out in ASCII (RFC 3986), and the place of the label."""


class Written(StrEnum):
    """How a report is written."""

    JSON = "json"
    HTML = "html"
    CSV = "csv"
    JUNIT = "junit"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    CRJSON = "crjson"

    @property
    def form(self) -> Format:
        """The library's name of it."""
        return Format(self.value)


MEDIA_TYPES: Final = {
    Written.JSON: "application/json",
    Written.HTML: "text/html; charset=utf-8",
    Written.CSV: "text/csv; charset=utf-8",
    Written.JUNIT: "application/xml",
    Written.SARIF: "application/sarif+json",
    Written.MARKDOWN: "text/markdown; charset=utf-8",
    Written.CRJSON: "application/json",
}


def _day_too(given: object) -> object:
    """Let a day stand for its beginning, and a time without a zone for UTC, as everywhere else."""
    if not isinstance(given, str):
        return given
    # Nothing else is tried: seconds since some day, in whatever unit, would be guessed.
    found = datetime.fromisoformat(given)
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("lies beyond all years that are counted") from error


def _told(text: str) -> str:
    """Refuse what can be written nowhere."""
    if "\x00" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise ValueError("holds characters that no text has")
    return text


Moment = Annotated[AwareDatetime, BeforeValidator(_day_too)]
Name = Annotated[str, Field(pattern=_NAME)]
Text = Annotated[str, AfterValidator(_told)]
Words = Annotated[Text, Field(min_length=1, max_length=1000)]


class Strict(BaseModel):
    """What knows its fields: a misspelt option must not be passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NameOptions(Strict):
    """What a file is called."""

    name: Text | None = Field(
        None, max_length=1000, description="What the file is called, where its bytes are the body."
    )


class VerifyOptions(NameOptions):
    """How a file is verified."""

    policy: Name | None = Field(default=None, description="Name of an installed policy that judges.")
    format: Written = Field(default=Written.JSON, description="How the report is written.")
    trust_list: tuple[Name, ...] = Field(
        default=(), max_length=20, description="Count only these lists for what they serve."
    )
    at: Moment | None = Field(
        default=None, description="The verdict as of another day.", examples=["2025-06-01T12:00:00Z"]
    )
    recover: bool = Field(default=False, description="Look in the catalogue for credentials that were taken off.")
    record: bool = Field(default=False, description="Enter the verdict into the catalogue.")
    evidence: bool = Field(default=False, description="Keep an evidence pack with the report (without the file).")
    keep: bool = Field(default=True, description="Keep the report: it can be fetched again by its id.")


class SignOptions(NameOptions):
    """What is stated in a signature, and who signs."""

    preset: Preset = Field(default=Preset.PUBLISH, description="What signing stands for.")
    identity: Name | None = Field(default=None, description="Who signs, of those that the key may use.")
    title: Words | None = Field(default=None, description="What the file is called in its credentials.")
    author: Words | None = Field(default=None, description="Who made it.")
    source_type: Words | None = Field(default=None, description="Digital source type, by its name or URI.")
    ai_training: AiTraining | None = Field(default=None, description="Whether models may be trained with it.")
    ai_constraint: Words | None = Field(default=None, description="Under which condition, where it is constrained.")
    metadata: MetadataLevel | None = Field(default=None, description="How much of the file's own metadata is stated.")
    drop_location: bool = Field(default=False, description="State no place, whatever the file's own metadata say.")
    timestamp: Timestamp | None = Field(default=None, description="Whether a time-stamp is needed.")
    remote: Annotated[str, Field(max_length=2000, pattern=_ADDRESS)] | None = Field(
        None, description="The manifest will be found there; {id} is its label."
    )

    def options(self, *, thumbnail: int | None) -> SigningOptions:
        """Return them as the library has them."""
        from provenance.model.claim import Carrier  # noqa: PLC0415 -- only for this

        return SigningOptions(
            preset=self.preset,
            title=self.title,
            author=self.author,
            source_type=self.source_type,
            ai_training=self.ai_training,
            ai_constraint=self.ai_constraint,
            metadata=self.metadata,
            drop_location=self.drop_location,
            timestamp=self.timestamp,
            thumbnail=thumbnail,
            carrier=Carrier.REMOTE if self.remote else Carrier.EMBEDDED,
            remote_url=self.remote,
        )


Naming = Annotated[NameOptions, Query()]
Verifying = Annotated[VerifyOptions, Query()]
Signing = Annotated[SignOptions, Query()]
