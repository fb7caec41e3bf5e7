"""Who is who: clients with their years and their money, departments, administrators; each kept for a while."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from adapters.whmcs import inventory, normalise
from adapters.whmcs.aged import Aged
from adapters.whmcs.client import Clients
from adapters.whmcs.rows import AdminRow, ClientRow, ProductRow, TransactionRow
from adapters.whmcs.settings import Settings
from deskside.errors import Permanent, Transient
from deskside.store.bindings import Bindings

MINUTE, HOUR = 60.0, 3600.0
PRODUCTS_KEEP = 5 * MINUTE
ACCOUNT_KEEP = 15 * MINUTE
MONEY_KEEP = 6 * HOUR
SINCE_KEEP = 24 * HOUR
STAFF_KEEP = HOUR
YEAR = timedelta(days=365)
UNASSIGNED = "unassigned"
_CENT = Decimal("0.01")


class Directory:
    """Look-ups beside the ticket. Safe for all threads."""

    def __init__(self, settings: Settings, clients: Clients, bindings: Bindings) -> None:
        self._zone = settings.zone
        self._clients = clients
        self._bindings = bindings
        self._accounts: Aged[str, ClientRow | None] = Aged(ACCOUNT_KEEP)
        self._products: Aged[str, Sequence[ProductRow] | None] = Aged(PRODUCTS_KEEP, most=1024)
        self._since: Aged[str, date | None] = Aged(SINCE_KEEP)
        self._spend: Aged[str, Decimal | None] = Aged(MONEY_KEEP)
        self._domains: Aged[str, str | None] = Aged(ACCOUNT_KEEP)
        self._staff: Aged[str, dict[str, str]] = Aged(STAFF_KEEP)

    def account(self, client_id: str) -> ClientRow | None:
        """The account, or None when we may not see it."""
        return self._accounts.get_or(client_id, lambda: self._clients.here().account(client_id), None)

    def products(self, client_id: str) -> Sequence[ProductRow]:
        """The client's products, at most five minutes old. Raises `Permanent` or, once, `Transient`."""
        found = self._products.get_or(client_id, lambda: self._clients.here().products(client_id), None)
        if found is None:
            raise Permanent(f"the products of client {client_id} cannot be read for now")
        return found

    def since(self, client_id: str, email: str) -> date | None:
        """The day the account was made, else that of the client's first product."""
        return self._since.get_or(client_id, lambda: self._find_since(client_id, email), None)

    def monthly_spend(self, client_id: str) -> Decimal | None:
        """A twelfth of what the client paid in the last 365 days, in the desk's own currency."""
        return self._spend.get_or(client_id, lambda: self._find_spend(client_id), None)

    def service_name(self, service: str, client_id: str | None) -> str:
        """What a ticket's `S<id>` or `D<id>` is called in the inventory; as it is when that cannot be told."""
        if service.startswith("D") and service[1:].isdigit():
            return self._domains.get_or(service, lambda: self._find_domain(service[1:]), None) or service
        if client_id is None or not service.startswith("S"):
            return service
        try:
            return inventory.name_of(service, client_id, self.products(client_id)) or service
        except (Permanent, Transient):
            return service

    def admin_name(self, admin_id: str) -> str:
        """The name of an administrator; empty when it is not known."""
        return self._staff.get_or("admins", self._find_admins, {}).get(admin_id, "")

    def pool(self, department_id: str | None, told: str = "") -> str:
        """The department's name as it was first seen: one that is renamed must not split its queue in two."""
        if department_id is None:
            return UNASSIGNED
        binding = f"department:{department_id}"
        known = self._bindings.get(binding)
        if known:
            return known
        name = told or self._staff.get_or("departments", self._find_departments, {}).get(department_id, "")
        if not name:
            return f"department {department_id}"
        self._bindings.put(binding, name)
        return name

    def _find_since(self, client_id: str, email: str) -> date | None:
        if email:
            try:
                found = self._clients.here().accounts(email)
            except Permanent:
                found = ()
            came = next((row.came for row in found if row.id == client_id), None)
            if came is not None:
                return came
        return min((row.registered for row in self.products(client_id) if row.registered), default=None)

    def _find_spend(self, client_id: str) -> Decimal:
        since = datetime.now(UTC) - YEAR
        rows = self._clients.here().transactions(client_id)
        return monthly([row for row in rows if row.date and normalise.to_utc(row.date, self._zone) >= since])

    def _find_domain(self, domain_id: str) -> str | None:
        row = self._clients.here().domain(domain_id)
        return row.domain if row else None

    def _find_admins(self) -> dict[str, str]:
        return {row.id: _full_name(row) for row in self._clients.here().admins()}

    def _find_departments(self) -> dict[str, str]:
        return {row.id: row.name for row in self._clients.here().departments() if row.name}


def monthly(transactions: Sequence[TransactionRow]) -> Decimal:
    """A twelfth of a year's transactions: what came in less what went back, in the desk's own currency, never below 0.

    Paying an invoice from credit is no transaction: that money counted when the credit was bought. `rate` is what one
    unit of the desk's own currency was worth in the transaction's, as WHMCS's own income reports take it.
    """
    total = sum(((row.amount_in - row.amount_out) / (row.rate or Decimal(1)) for row in transactions), Decimal(0))
    return max(Decimal(0), total / 12).quantize(_CENT)


def _full_name(row: AdminRow) -> str:
    return row.full_name or " ".join(filter(None, (row.first_name, row.last_name))) or row.username
