"""`deskside services`: the clients' services, from a CSV or a JSON file."""

import csv
import io
import ipaddress
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import idna
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from deskside.commandline import common
from deskside.errors import ConfigurationError
from deskside.model.service import Service
from deskside.store import services as store

MOST_ERRORS = 20


def _no_nul(text: str) -> None:
    if "\0" in text:
        raise ValidationError("must not hold a NUL, which PostgreSQL cannot store")


class ServiceSchema(Schema):
    """One row: `client` and `name`, then lists as JSON arrays, or as text with spaces, commas or semicolons."""

    class Meta:
        unknown = EXCLUDE

    client = fields.String(required=True, validate=[validate.Length(1, 200), _no_nul])
    name = fields.String(required=True, validate=[validate.Length(1, 200), _no_nul])
    product = fields.String(load_default="", validate=[validate.Length(max=80), _no_nul])
    status = fields.String(
        load_default="active", validate=validate.OneOf(["active", "suspended", "unpaid", "terminated", "pending"])
    )
    domains = fields.Raw(load_default="")
    addresses = fields.Raw(load_default="")
    ports = fields.Raw(load_default="")


@click.group()
def services() -> None:
    """What your clients have with you: only these are ever probed."""


@services.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_services(path: Path | None, file: Path) -> None:
    """Import FILE (.csv or .json): client, name, domains, addresses, ports, product, status.

    `client` is the desk's organization id, its external id, or the requester's e-mail address. Rows with the same
    client and name are updated. One wrong row and nothing is imported.
    """
    rows = read_services(file)
    with common.parts(path).database.begin() as connection:
        added, updated = store.put(connection, rows)
    click.echo(f"{added} added, {updated} updated.")


def read_services(file: Path) -> list[Service]:
    """The services in a file. Raises ConfigurationError naming every row that cannot be used (the first twenty)."""
    try:
        text = file.read_text("utf-8-sig")
        rows: Iterable[Any] = json.loads(text) if file.suffix == ".json" else csv.DictReader(io.StringIO(text))
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file} is not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file} is not valid JSON: {error}") from None
    if not isinstance(rows, list | csv.DictReader):
        raise ConfigurationError(f"{file} must hold a list of services")
    found, errors = [], []
    try:
        for number, row in enumerate(rows, start=1):
            try:
                found.append(parse_service(row))
            except ValidationError as error:
                named = (f"{key}: {' '.join(said)}" for key, said in error.messages_dict.items())
                errors.append(f"row {number}: {'; '.join(named)}")
    except csv.Error as error:
        raise ConfigurationError(f"{file} is not valid CSV: {error}") from None
    if errors:
        more = f" (and {len(errors) - MOST_ERRORS} more)" if len(errors) > MOST_ERRORS else ""
        raise ConfigurationError(f"{file}: " + " | ".join(errors[:MOST_ERRORS]) + more)
    return found


def parse_service(row: Mapping[str, Any]) -> Service:
    """One row as a service; raises marshmallow's ValidationError."""
    if not isinstance(row, Mapping):
        raise _wrong("row", "is no object")
    given = {key: value.strip() if isinstance(value, str) else value for key, value in row.items() if key}
    data = ServiceSchema().load({key: value for key, value in given.items() if value is not None})
    return Service(
        id=0,
        client=data["client"].lower(),
        name=data["name"],
        product=data["product"],
        status=data["status"],
        domains=tuple(_domain(item) for item in _list(data, "domains")),
        addresses=tuple(_address(item) for item in _list(data, "addresses")),
        ports=tuple(_port(item) for item in _list(data, "ports")),
    )


def _list(data: Mapping[str, Any], key: str) -> list[str]:
    value = data[key]
    if isinstance(value, str):
        value = value.replace(",", " ").replace(";", " ").split()
    if not isinstance(value, list):
        value = [value]
    for item in value:
        if isinstance(item, bool) or not isinstance(item, str | int):
            raise _wrong(key, f"{item!r} is neither text nor a number")
    return [str(item) for item in value]


def _domain(text: str) -> str:
    try:
        return idna.encode(text.rstrip(".").lower(), uts46=True).decode()
    except UnicodeError:
        raise _wrong("domains", f"{text!r} is no domain") from None


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise _wrong("addresses", f"{text!r} is no IP address") from None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:
        raise _wrong("ports", f"{text!r} is no port")
    return int(text)


def _wrong(key: str, message: str) -> ValidationError:
    # As a schema words it, so that whoever catches it finds the key.
    return ValidationError({key: [message]})
