"""Clients' services: what a ticket may be matched against, and probed."""

import dataclasses
from collections.abc import Collection, Iterable

import sqlalchemy as sa

from deskside.model.service import Service
from deskside.store.database import Row, insert_new
from deskside.store.tables import service


def of_client(connection: sa.Connection, aliases: Collection[str]) -> tuple[Service, ...]:
    """The services of the client that goes by any of these aliases (lower case)."""
    if not aliases:
        return ()
    rows = connection.execute(sa.select(service).where(service.c.client.in_(sorted(aliases))).order_by(service.c.id))
    return tuple(_service(row) for row in rows)


def with_status(connection: sa.Connection, statuses: Collection[str]) -> tuple[Service, ...]:
    """All services with one of these statuses."""
    rows = connection.execute(sa.select(service).where(service.c.status.in_(sorted(statuses))).order_by(service.c.id))
    return tuple(_service(row) for row in rows)


def _service(row: Row) -> Service:
    return Service(
        id=row.id,
        client=row.client,
        name=row.name,
        domains=tuple(row.domains),
        addresses=tuple(row.addresses),
        ports=tuple(row.ports),
        product=row.product,
        status=row.status,
    )


def put(connection: sa.Connection, services: Iterable[Service]) -> tuple[int, int]:
    """Add services, or update those with the same client and name; (added, updated)."""
    added = updated = 0
    for item in services:
        values = {
            "product": item.product,
            "status": item.status,
            "domains": list(item.domains),
            "addresses": list(item.addresses),
            "ports": list(item.ports),
        }
        if insert_new(connection, service, client=item.client, name=item.name, **values):
            added += 1
        else:
            connection.execute(
                sa.update(service).where(service.c.client == item.client, service.c.name == item.name).values(**values)
            )
            updated += 1
    return added, updated


def replace(connection: sa.Connection, client: str, services: Collection[Service]) -> None:
    """Make `services` all that the client of this alias has: what is there besides is terminated from now on.

    It is not deleted: what is known of a machine (its keys, its counters) hangs on the service's id. A desk does not
    know ports, so those that an operator wrote down for a service stay.
    """
    ports = {item.name: item.ports for item in of_client(connection, [client])}
    put(connection, [dataclasses.replace(item, ports=item.ports or ports.get(item.name, ())) for item in services])
    ended = sa.update(service).where(
        service.c.client == client, service.c.name.not_in([item.name for item in services])
    )
    connection.execute(ended.values(status="terminated"))


def count(connection: sa.Connection) -> int:
    """How many services are known."""
    return int(connection.scalar(sa.select(sa.func.count()).select_from(service)) or 0)
