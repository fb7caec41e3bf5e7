import sqlalchemy as sa

from deskside.model.service import Service
from deskside.store import services

SHOP = Service(0, "whmcs:1", "shop.example", domains=("shop.example",), addresses=("192.0.2.1",))


def known(database: sa.Engine) -> dict[str, Service]:
    with database.connect() as connection:
        return {item.name: item for item in services.of_client(connection, ["whmcs:1"])}


def test_what_a_desk_does_not_tell_stays_as_an_operator_wrote_it(database: sa.Engine) -> None:
    with database.begin() as connection:
        services.put(connection, [Service(0, "whmcs:1", "shop.example", addresses=("192.0.2.9",), ports=(22, 8443))])
        services.replace(connection, "whmcs:1", [SHOP])
    shop = known(database)["shop.example"]
    assert (shop.addresses, shop.ports) == (("192.0.2.1",), (22, 8443))


def test_what_a_client_no_longer_has_is_terminated(database: sa.Engine) -> None:
    old = Service(0, "whmcs:1", "old.example")
    with database.begin() as connection:
        services.put(connection, [old, Service(0, "whmcs:2", "old.example")])
        services.replace(connection, "whmcs:1", [SHOP])
        others = services.of_client(connection, ["whmcs:2"])
    assert {name: item.status for name, item in known(database).items()} == {
        "old.example": "terminated",
        "shop.example": "active",
    }
    assert [item.status for item in others] == ["active"]
