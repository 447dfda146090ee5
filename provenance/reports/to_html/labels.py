"""Everything that the page itself says: headings, labels and notes.

Sentences about verdicts are in `wording`, reasons in the facets and findings.
"""

from __future__ import annotations

from typing import Final

from provenance.model.claim import Origin, Relationship
from provenance.model.policy import Outcome, Severity

LANGUAGE: Final = "en"

# The page
TITLE: Final = "Content Credentials report"
TITLE_OF_ONE: Final = "{name} – Content Credentials report"
TITLE_OF_MANY: Final = "{count} files – Content Credentials report"
MADE_BY: Final = "Made by {generator}."
MADE_AT: Final = "Made by {generator} at {time}."
NOT_TRUTH: Final = (
    "A signature proves who says something about a file, and that the file has not changed since. "
    "It does not prove that what it shows has happened."
)

# Many files
SUMMARY: Final = "All {count} files"
REASONS_WHY: Final = "Why they were not accepted"
REASON_WHY: Final = "{count} {standing}: {why}"
NOTICED: Final = "Red flags in their histories"
EVERY: Final = "Every file, the worst first"
DECISION: Final = "Decision"
FILE: Final = "File"
WHY: Final = "Why"
TO_SUMMARY: Final = "Back to all files"

# At a glance
BY_POLICY: Final = "by the policy {name}, version {version}"
AS_IT_IS: Final = "The file as it is now"
AS_SIGNED: Final = "The thumbnail in its credentials"
FLAGS_BELOW: Final = "{count} in its history"
RED_FLAG: Final = "1 red flag"
RED_FLAGS: Final = "{count} red flags"

# Who, when and how
ORIGIN: Final = "Who signed it, when, and how it began"
SIGNED_BY: Final = "Signed by"
SIGNED_WHEN: Final = "When"
BEGAN: Final = "How it began"
GENERATIVE: Final = "Generative AI"
PUBLISHER: Final = "Published by"
NOT_CHECKED: Final = "Not checked"
REMARKS: Final = "What the policy found besides"
STATED: Final = "Stated by the signer’s program"
PASSED_ON: Final = "Passed on by the signer’s program, which does not vouch for it"
STATED_OR_PASSED_ON: Final = "Stated; claims of version 1 do not tell what the signer’s program vouches for"
UNBELIEVED: Final = "What follows stands in the file, but {why}."
ONLY_NAMED: Final = "{name} is named, but {why}"
IS_GENERATIVE: Final = "Stated: {kinds}."
MAY_BE_GENERATIVE: Final = "It may have generated parts. Stated: {kinds}."
NOT_GENERATIVE: Final = "Nothing generative is stated. Stated: {kinds}."
SOURCE_NOT_STATED: Final = "Not stated: no step says what kind of source it comes from."
PARTLY_UNKNOWN: Final = "Part of its history is not known."

# Credentials that were taken off
RECOVERED: Final = "Credentials found again"
NOTHING_RECOVERED: Final = "It has no credentials, and nothing that is like this file was found in the catalogue."
TITLE_OF_ORIGINAL: Final = "The original"
SIGNER_NOT_VERIFIED: Final = "somebody whose identity is not verified"
RECORDED: Final = "Recorded"
KNOWN_FROM: Final = "Known from"
VERDICT_ON_ORIGINAL: Final = "The original’s verdict"

# History
HISTORY: Final = "The whole history"
GRAPH: Final = "The history as a picture"
STEPS: Final = {False: "{count} steps, the newest first.", True: "1 step."}
NO_FLAGS: Final = "No red flags in its history."
FLAGS: Final = "Red flags"
FLAGS_NOTE: Final = "Not necessarily wrong, but look at them."
IN_STEP: Final = "step {number}"
STEP: Final = "Step {number}"
THIS_FILE: Final = "this file"
ROLES: Final = {
    Relationship.PARENT_OF: "made from",
    Relationship.COMPONENT_OF: "went in",
    Relationship.INPUT_TO: "was input",
}
NO_TITLE: Final = "(no title)"
SIGNED: Final = "Signed by {name}"
SIGNER_UNVERIFIED: Final = "Signed by {name} (identity not verified)"
NAMED_AS_SIGNER: Final = "{name} is named as the signer"
STAMPED: Final = "its time-stamp says {time}"
STAMPED_LATER: Final = "Time-stamped later, in {title} (not checked)"
MADE_WITH: Final = "Made with {generator}"
ACTIONS: Final = "What was done"
AGENT: Final = "with {agent}"
REDACTED_LATER: Final = "{what} was redacted later: {reason}"
NO_REASON: Final = "no reason is given"
REASONS: Final = {
    "c2pa.PII.present": "personal information",
    "c2pa.invalid_data": "data that was wrong",
    "c2pa.trade_secret.present": "a trade secret",
    "c2pa.government.confidential": "confidential for a government",
}
"""Reasons for redactions (C2PA 2.4, actions)."""
FLAG_OF_STATE: Final = "Red flag"
FLAG_OF_KIND: Final = "Red flag, {kind}"
WENT_IN: Final = "What went into it"
SHOWN_AS: Final = "shown as step {number}"
NOT_SHOWN: Final = "not shown here"
MORE_SOURCES: Final = {
    False: "{count} more files went into it that are not shown here.",
    True: "1 more file went into it that is not shown here.",
}
MORE_STEPS: Final = "{shown} of {count} steps are shown here."
THUMBNAIL: Final = "Thumbnail of step {number}"

# Forensic detail
FORENSIC: Final = "Forensic detail"
FACETS: Final = "One answer to each question"
QUESTION: Final = "Question"
ANSWER: Final = "Answer"
REASON: Final = "Reason"
FINDINGS: Final = "What the policy found"
RULE: Final = "Rule"
OUTCOME: Final = "Outcome"
WEIGHT: Final = "Leads to"
FOUND: Final = "Finding"
OUTCOMES: Final = {Outcome.PASSED: "passed", Outcome.FAILED: "not passed", Outcome.UNDECIDED: "undecided"}
SEVERITIES: Final = {Severity.FAIL: "rejection", Severity.REVIEW: "review", Severity.INFO: "nothing"}
SUBJECT: Final = "about {subject}"
EVIDENCE: Final = "rests on {codes}"
POLICY: Final = "Policy"
POLICY_NAME: Final = "{name}, version {version}"
PURPOSE: Final = "Purpose"
SHA256: Final = "SHA-256"
CERTIFICATE: Final = "Signature and certificate"
ORGANIZATION: Final = "Organisation"
COMMON_NAME: Final = "Common name"
SERIAL: Final = "Serial number"
ALGORITHM: Final = "Algorithm"
EXPIRES: Final = "Certificate expires"
KEY: Final = "Key"
KEY_OF: Final = "{kind}, {bits} bits"
VALIDITY: Final = "Certificate holds"
FROM_UNTIL: Final = "{start} – {end}"
CERTIFICATE_POLICIES: Final = "Certificate policies"
KEY_USAGES: Final = "Extended key usages"
PATHS: Final = "Leads to the lists"
AUTHORITY: Final = "Time-stamp authority"
AUTHORITY_THROUGH: Final = "{authority}, through the list {name}"
ATTESTED: Final = "Attested time"
STAMP_PROBLEM: Final = "Time-stamp problem"
REVOCATION: Final = "Revocation"
REVOCATION_SOURCE: Final = "Asked or found"
THIS_UPDATE: Final = "As of"
NEXT_UPDATE: Final = "Next answer by"
REVOKED_AT: Final = "Revoked at"
REVOCATION_REASON: Final = "Reason given"
MANIFESTS: Final = "Manifests"
MANIFEST: Final = "Manifest"
CLAIM: Final = "Claim"
CLAIM_VERSION: Final = "version {version}"
GENERATOR: Final = "Generator"
SIGNER: Final = "Signer"
ASSERTIONS: Final = "Assertions of this file’s manifest"
ASSERTION: Final = "Assertion"
ORIGIN_OF: Final = "Origin"
ORIGINS: Final = {Origin.CREATED: "created", Origin.GATHERED: "gathered"}
DATA: Final = "Data"
STATUSES: Final = "Status codes of the engine"
CODE: Final = "Code"
KIND: Final = "Kind"
EXPLANATION: Final = "Explanation"
TRUST: Final = "Trust lists that it was checked with"
NO_TRUST: Final = "No trust list is set up."
LIST: Final = "List"
FOR: Final = "Vouches for"
AS_OF: Final = "As of"
OBTAINED_AT: Final = "obtained {time}"
SOURCE: Final = "Source"
LOCAL: Final = "this machine only"
SKIPPED: Final = "{count} entries do not count"
SEQUENCE: Final = "number {number}"
DUE: Final = "next by {time}"
RUN: Final = "The file and this look at it"
NAME: Final = "Name"
MEDIA_TYPE: Final = "Media type"
SIZE: Final = "Size"
BYTES: Final = "{count} bytes"
NO_DIGEST: Final = "not computed"
CARRIER: Final = "Credentials are"
CARRIER_IN: Final = "{carrier}: {place}"
REMOTE: Final = "Kept at"
AT: Final = "Looked at"
DERIVED_FOR: Final = "Holds as of"
REPORTED: Final = "The engine’s own word"
DASH: Final = "–"

# Limits
MORE: Final = "… and {count} more, which the JSON report lists."
PICTURES_LEFT_OFF: Final = {
    False: "{count} pictures are left off: a page holds {limit} MB of them. Reports on fewer files show more.",
    True: "1 picture is left off: a page holds {limit} MB of them. Reports on fewer files show more.",
}
