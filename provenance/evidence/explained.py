"""The page in every pack for whoever opens it without this program."""

from __future__ import annotations

from typing import Final

TEXT: Final = """\
EVIDENCE PACK, version 1

What a verdict on a media file rests on: who signed the file with Content Credentials (C2PA), whether it was changed
since, and by which lists and rules that was judged, at one moment.

  pack.json             when, what, with which versions; every other file here with its SHA-256
  verdict.json          the judgement: decision, answers, findings, and what the C2PA library said
  report.json, .html    the same as a report
  asset.*               the media file itself; where it is missing, pack.json has its SHA-256
  manifest.c2pa         its Content Credentials (manifest store), if there are any that can be had
  certificates.pem      the certificates of its signer
  timestamp.der         the time-stamp beside its signature (RFC 3161)
  revocation/           answers about revocation (OCSP), from the file and from the network
  trust/                the trust lists that counted
  policy.toml           the rules that judged
  signature/            who vouches for this pack, if anybody does

To judge again, offline and on any machine:

  provenance evidence --replay PACK.zip

By hand, without that program:

  unzip PACK.zip -d case && cd case
  jq -r '.members[] | .sha256 + "  " + .name' pack.json | sha256sum --check
  openssl x509 -in signature/chain.pem -pubkey -noout > key.pem
  openssl dgst -sha256 -verify key.pem -signature signature/pack.sig pack.json     (ES256)
  openssl ts -verify -data signature/pack.sig -in signature/pack.tsr -CAfile ROOTS.pem
                                                 (without a signature: -data pack.json)

What it does not prove: anybody can make a pack that is consistent. Only a signature says who made this one, and only a
time-stamp when it was there. The lists in it are those that its maker chose. And authentic is not true: no signature
proves that what a picture shows has happened.
"""
