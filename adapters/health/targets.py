"""Which of the client's own services a ticket is about. Nothing else is ever a target."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.health import mentions
from adapters.health.mentions import Mention
from adapters.health.names import ascii_name, unicode_name, within
from deskside.model.service import Service, Target
from deskside.model.ticket import Ticket

MOST_TARGETS = 3
_MOST_FOREIGN = 5


def find_targets(ticket: Ticket, services: Sequence[Service], field_ids: Sequence[str] = ()) -> tuple[Target, ...]:
    """At most three targets among `services`, which must be the client's own.

    The first of these that names any decides: the ticket's custom fields `field_ids`, the client's fields of the
    same ids, the subject and text (e-mail addresses only when nothing else is named), the client's only service.
    """
    for place, fields in (("ticket field", ticket.fields), ("client field", ticket.client.fields)):
        found = _from_fields(place, fields, field_ids, services)
        if found:
            return found
    found = _from_text(f"{ticket.subject}\n{ticket.text}", services)
    if found:
        return found
    if len(services) == 1 and (services[0].domains or services[0].addresses):
        return (_whole(services[0], "the client's only service"),)
    return ()


def foreign_mentions(ticket: Ticket, services: Sequence[Service]) -> tuple[str, ...]:
    """Addresses and linked names in the text that are not of `services`: to be shown as text, never probed."""
    known = {address for service in services for address in service.addresses}
    domains = _domains(services)
    foreign: dict[str, None] = {}
    for reading in mentions.readings(f"{ticket.subject}\n{ticket.text}"):
        for mention in mentions.addresses(reading):
            if mention.text not in known:
                foreign[mention.text] = None
        for mention in mentions.names(reading):
            if mention.link and not any(within(mention.text, domain) for domain in domains):
                foreign[mention.text] = None
    return tuple(foreign)[:_MOST_FOREIGN]


def _from_fields(
    place: str, fields: Mapping[str, str], field_ids: Sequence[str], services: Sequence[Service]
) -> tuple[Target, ...]:
    targets: dict[Target, None] = {}
    for field_id in field_ids:
        value = fields.get(field_id, "").strip()
        if not value:
            continue
        found_by = f"{place} {field_id}"
        for service in services:
            if value.casefold() == service.name.casefold():
                targets[_whole(service, found_by)] = None
        if not targets:
            for _, service, mention in _matches(value, services):
                targets[_target(service, mention, found_by)] = None
    return _distinct(targets)


def _from_text(text: str, services: Sequence[Service]) -> tuple[Target, ...]:
    strong: dict[Target, None] = {}
    weak: dict[Target, None] = {}
    for what, service, mention in _matches(text, services):
        target = _target(service, mention, f"{what} {mention.text} in the text")
        (weak if mention.mail and what == "domain" else strong)[target] = None
    return _distinct(strong or weak)


def _matches(text: str, services: Sequence[Service]) -> Iterator[tuple[str, Service, Mention]]:
    """What the text names of the services: (address or domain, the service, the mention), by place in the text."""
    by_address = {address: service for service in reversed(services) for address in service.addresses}
    by_domain = _domains(services)
    spelled = {unicode_name(domain): domain for domain in by_domain if "xn--" in domain}
    for reading in mentions.readings(text):
        found: list[tuple[int, str, Service, Mention]] = []
        for mention in mentions.addresses(reading):
            if mention.text in by_address:
                found.append((mention.start, "address", by_address[mention.text], mention))
        for mention in mentions.names(reading):
            domain = _closest(mention.text, by_domain)
            if domain is not None:
                found.append((mention.start, "domain", by_domain[domain], mention))
        for name, domain in spelled.items():
            for mention in mentions.unicode_names(reading, name):
                own = Mention(domain, mention.start, mention.mail)
                found.append((mention.start, "domain", by_domain[domain], own))
        for _, what, service, mention in sorted(found, key=lambda item: item[0]):
            yield what, service, mention


def _closest(name: str, domains: Mapping[str, Service]) -> str | None:
    """The longest inventory domain that `name` is or lies below."""
    labels = name.split(".")
    return next((tail for start in range(len(labels)) if (tail := ".".join(labels[start:])) in domains), None)


def _domains(services: Sequence[Service]) -> dict[str, Service]:
    return {
        name: service
        for service in reversed(services)
        for domain in service.domains
        if (name := ascii_name(domain)) is not None and "." in name
    }


def _target(service: Service, mention: Mention, found_by: str) -> Target:
    if mention.text in service.addresses:
        host = service.domains[0] if service.domains and len(service.addresses) == 1 else None
        return _made(service, host, mention.text, found_by)
    if mention.text in service.domains:
        return _made(service, mention.text, _address(service), found_by)
    # A name below the service's domain may live elsewhere, so DNS says where.
    return _made(service, mention.text, None, found_by)


def _whole(service: Service, found_by: str) -> Target:
    host = service.domains[0] if service.domains else None
    return _made(service, host, _address(service), found_by)


def _made(service: Service, host: str | None, address: str | None, found_by: str) -> Target:
    return Target(
        service=service.name,
        host=host,
        address=address,
        ports=service.ports,
        found_by=found_by,
        addresses=service.addresses,
        status=service.status,
        service_id=service.id,
    )


def _address(service: Service) -> str | None:
    return service.addresses[0] if service.addresses else None


def _distinct(targets: Mapping[Target, None]) -> tuple[Target, ...]:
    """One target for each place to look at, the first way it was found kept."""
    seen: dict[tuple[str | None, str | None], Target] = {}
    for target in targets:
        seen.setdefault((target.host, target.address), target)
    return tuple(seen.values())[:MOST_TARGETS]
