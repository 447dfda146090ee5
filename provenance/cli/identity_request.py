"""`provenance identity import`, `request` and `renew`: certificates from an authority."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provenance.cli import common
from provenance.errors import KeyUnavailable
from provenance.model.ports import Algorithm

if TYPE_CHECKING:
    from provenance.keys import Identity

Name = Annotated[str, typer.Argument(help="Name of the identity.", show_default=False)]
Days = Annotated[int, typer.Option(min=1, max=3650, help="Days until a development certificate expires.")]
Encrypted = Annotated[
    bool, typer.Option("--passphrase", help="Encrypt a new key (PROVENANCE_PASSPHRASE, or asked for).")
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Where to write the request.", metavar="FILE", show_default=False)
]


def import_(
    name: Name,
    cert: Annotated[
        list[Path] | None,
        typer.Option("--cert", help="A file with certificates, or a key (PEM, DER, PKCS#7).", metavar="FILE"),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", help="File of the key, or its URI: it stays there then.", metavar="FILE|URI"),
    ] = None,
    pkcs12: Annotated[
        Path | None, typer.Option("--pkcs12", help="A file with key and certificates (.p12, .pfx).", metavar="FILE")
    ] = None,
    encrypt: Annotated[
        bool, typer.Option("--encrypt", help="Encrypt a key that is not (PROVENANCE_PASSPHRASE, or asked for).")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the identity; what it had is kept in previous/.")
    ] = False,
) -> None:
    """Make an identity of a certificate and its key, or import the answer to a request.

    Certificates and key may stand in any order and in any file.
    """
    from provenance.keys.importing import Given, import_identity
    from provenance.reports.escape import visible

    files = (*(cert or ()), *([pkcs12] if pkcs12 else ()))
    if not files:
        raise typer.BadParameter("give --cert or --pkcs12")
    space = common.workspace()
    given = Given(files=files, key=key, protect=new_passphrase if encrypt else None, replace=replace)
    done = import_identity(space.identities, name, given, secret=space.secret, at=space.now())
    made = done.identity
    end = f"valid until {made.not_after:%Y-%m-%d}"
    common.show(f"Imported {made.name!r} ({made.algorithm}) of {visible(made.organisation)}, {end}.")
    for item in done.left_out:
        common.show(f"Not needed, and not kept: the certificate of {visible(item)}.")
    if done.key_in_clear:
        common.show("The key is kept without a passphrase, readable for you only; --encrypt gives it one.")
    common.show(f"Check it: provenance identity check {made.slug}")


def request(
    name: Name,
    organisation: Annotated[
        str | None, typer.Option(help="Name of the organisation; by default that of the identity.", metavar="NAME")
    ] = None,
    common_name: Annotated[
        str | None, typer.Option(help="Common name; by default the name of the identity.", metavar="NAME")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Two letters, such as NO.", metavar="CC")] = None,
    email: Annotated[list[str] | None, typer.Option(help="An e-mail address of the organisation.")] = None,
    san: Annotated[
        list[str] | None, typer.Option(help="Another name of it: a host, a URL, an address.", metavar="NAME")
    ] = None,
    algorithm: Annotated[Algorithm, typer.Option(help="Signature algorithm of the new key.")] = Algorithm.ES256,
    key: Annotated[str | None, typer.Option("--key", help="URI of a key that is there already.", metavar="URI")] = None,
    passphrase: Encrypted = False,
    output: Output = None,
    force: common.Force = False,
) -> None:
    """Make a key and a certificate request for an authority; the key stays here.

    The request is printed, or written with -o. Import the answer: provenance identity import NAME --cert FILE.
    """
    from provenance.keys.request import Subject, Wanted, request_identity

    space = common.workspace()
    space.identities.require_free(name)
    subject = Subject(
        organisation=organisation or name,
        common_name=common_name or name,
        country=country,
        names=(*(email or ()), *(san or ())),
    )
    wanted = Wanted(
        subject=subject, algorithm=algorithm, key=key, passphrase=new_passphrase() if passphrase and not key else None
    )
    made = request_identity(space.identities, name, wanted, secret=space.secret, at=space.now())
    _hand_out(made, output, force=force)


def renew(
    name: Name,
    days: Days = 365,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make another key.")] = False,
    key: Annotated[
        str | None, typer.Option("--key", help="URI of another key that is there already.", metavar="URI")
    ] = None,
    passphrase: Encrypted = False,
    output: Output = None,
    force: common.Force = False,
) -> None:
    """Renew a development certificate, or make the request for a new certificate with the same key and subject.

    The present certificate is used until the answer is imported.
    """
    from provenance.keys.renewal import Renewal, renew_identity

    if new_key and key:
        raise typer.BadParameter("choose one of --new-key and --key")
    space = common.workspace()
    wish = Renewal(days=days, new_key=new_key, key=key, encrypt=passphrase, protect=new_passphrase)
    made = renew_identity(space.identities, name, wish, secret=space.secret, at=space.now())
    if made.development:
        common.show(f"Renewed {made.name!r}, valid until {made.not_after:%Y-%m-%d}.")
    else:
        _hand_out(made, output, force=force)


def _hand_out(made: Identity, output: Path | None, *, force: bool) -> None:
    """Give the request to the user: alone on the standard output, so that it can be piped."""
    from provenance.keys.identity import read_pem
    from provenance.storage import publish

    if made.request_path is None:
        raise KeyUnavailable("there is no request", path=made.directory)
    pem = read_pem(made.request_path)
    if output is None:
        sys.stdout.write(pem)
    else:
        publish(pem.encode("ascii"), output, overwrite=force)
    common.console(stderr=True).print(
        f"Send {output or 'this request'} to the authority (a copy is in {made.request_path}).\n"
        f"Then: provenance identity import {made.slug} --cert ANSWER",
        soft_wrap=True,
    )


def new_passphrase() -> str:
    """Get a passphrase for a new key: from the environment, the file that it names, or the person at the terminal."""
    from provenance.keys.secrets import first_of, from_environment, from_file

    named = os.environ.get("PROVENANCE_PASSPHRASE_FILE")
    given = first_of(from_environment(), *([from_file(named)] if named else []))("passphrase for the key")
    if given:
        return given
    if not sys.stdin.isatty():
        raise KeyUnavailable(
            "there is no passphrase for the new key",
            hint="set PROVENANCE_PASSPHRASE or PROVENANCE_PASSPHRASE_FILE, or run the command in a terminal",
        )
    answer: str = typer.prompt("Passphrase for the key", hide_input=True, confirmation_prompt=True)
    return answer
