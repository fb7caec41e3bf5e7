"""`deskside rdap`: the list of registries that tell when a domain ends."""

from pathlib import Path

import click

from adapters.health.rdap import parse_bootstrap
from adapters.health.settings import HealthSchema
from deskside import settings
from deskside.errors import ConfigurationError


@click.group()
def rdap() -> None:
    """The list of RDAP servers, by which the end of a domain's registration is asked."""


@rdap.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_list(path: Path | None, file: Path) -> None:
    """Use FILE, a copy of https://data.iana.org/rdap/dns.json, from now on.

    It is kept where `[health] rdap_bootstrap` says; running workers take it up by themselves.
    """
    kept: str = settings.load(path).section("health", HealthSchema).rdap_bootstrap
    if not kept:
        raise ConfigurationError("[health] rdap_bootstrap must name the file in which the list is to be kept")
    content = file.read_bytes()
    read = parse_bootstrap(content)
    # Renamed into place: a worker never reads half of it.
    half = Path(f"{kept}.new")
    half.write_bytes(content)
    half.replace(kept)
    click.echo(f"{len(read.services)} suffixes, published {read.publication or 'at an unknown time'}.")
