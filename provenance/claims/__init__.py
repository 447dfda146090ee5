"""What signers state: presets become claims, claims become definitions for the engine."""

from provenance.claims.definition import define
from provenance.claims.derived import DerivingOptions, Form, steps
from provenance.claims.describe import soft_binding_assertion
from provenance.claims.options import ID, AiTraining, MetadataLevel, Preset, SigningOptions
from provenance.claims.presets import compose, is_generated, update
from provenance.claims.redact import RedactionOptions
from provenance.claims.vocabulary import role

__all__ = [
    "ID",
    "AiTraining",
    "DerivingOptions",
    "Form",
    "MetadataLevel",
    "Preset",
    "RedactionOptions",
    "SigningOptions",
    "compose",
    "define",
    "is_generated",
    "role",
    "soft_binding_assertion",
    "steps",
    "update",
]
