"""Clients, their people, and administrators."""

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.actions.tickets import fits_status
from deskside.demo.whmcs.answers import NO_MOMENT, Html, Rows
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Admin, Client, Json

PERMISSIONS = (
    "List Clients",
    "View Clients Summary",
    "View Clients Products/Services",
    "List Support Tickets",
    "View Support Ticket",
    "Open New Ticket",
    "List Transactions",
    "Create Invoice",
    "Manage Announcements",
)
# Never to be kept by anybody: what a search of a dump, a log or a store must not find.
HASH_CANARY = "$2y$10$CANARYclientHashMustNeverBeKept0000000000000000000000"


@action("GetClients", numeric=True, flat=True)
def get_clients(call: Call) -> Json:
    """Clients whose address, name or company begins with `search`; a telephone number finds nobody."""
    wanted = call.text("search").lower()
    rows = [row for row in call.world.state.clients.values() if not wanted or begins(row, wanted)]
    if call.text("status"):
        rows = [row for row in rows if row.status.lower() == call.text("status").lower()]
    key = call.text("orderby") or "lastname"
    if key not in ("id", "firstname", "lastname", "companyname", "email", "datecreated", "groupid", "status"):
        raise ApiError("Invalid orderby")
    rows.sort(key=lambda row: (getattr(row, key), row.id), reverse=call.text("sorting").upper() == "DESC")
    counts, shown = call.page(rows)
    return {**counts, **listing("clients", "client", [in_list(row) for row in shown])}


def begins(client: Client, wanted: str) -> bool:
    """Whether one of the texts that are searched begins so."""
    texts = (client.email, client.firstname, client.lastname, client.fullname, client.companyname)
    return any(text.lower().startswith(wanted) for text in texts)


def in_list(client: Client) -> Json:
    """A client as lists show it: the only place that says since when it is one."""
    return {
        "id": client.id,
        "firstname": client.firstname,
        "lastname": client.lastname,
        "companyname": client.companyname,
        "email": client.email,
        "datecreated": client.datecreated,
        "groupid": client.groupid,
        "status": client.status,
    }


@action("GetClientsDetails", flat=True)
def get_clients_details(call: Call) -> Json:
    """One client, twice: under `client` and, as of old, beside it."""
    state = call.world.state
    if not call.has("clientid") and not call.text("email"):
        raise ApiError("Either clientid Or email Is Required")
    address = call.text("email").lower()
    found = [
        row
        for row in state.clients.values()
        if (row.id == call.number("clientid") if call.has("clientid") else row.email.lower() == address)
    ]
    if not found:
        raise ApiError("Client Not Found")
    shown = details(call, found[0])
    answer: Json = {**shown, "client": shown}
    if call.flag("stats"):
        answer["stats"] = stats(call, found[0])
    return answer


def details(call: Call, client: Client) -> Json:
    """A client in full; since when it is one is not told here, its password's hash is."""
    state = call.world.state
    digits = "".join(filter(str.isdigit, client.phonenumber))
    users = [
        {"id": user.id, "name": user.name, "email": user.email, "is_owner": user.clients[client.id]}
        for user in state.users.values()
        if client.id in user.clients
    ]
    return {
        "userid": client.id,
        "id": client.id,
        "uuid": client.uuid,
        "firstname": client.firstname,
        "lastname": client.lastname,
        "fullname": client.fullname,
        "companyname": client.companyname,
        "email": client.email,
        "countrycode": "GB",
        "phonenumber": client.phonenumber,
        "phonecc": "44",
        "phonenumberformatted": f"+44.{digits.lstrip('0')}" if digits else "",
        "telephoneNumber": client.phonenumber,
        "password": HASH_CANARY,
        "groupid": client.groupid,
        "status": client.status,
        "credit": client.credit,
        "currency": 1,
        "currency_code": call.world.currency[1],
        "language": client.language,
        "lastlogin": Html("No Login Logged"),
        "customfields": Rows("", [{"id": key, "value": value} for key, value in client.custom.items()]),
        "users": Rows("user", users),
    }


def stats(call: Call, client: Client) -> Json:
    """What a client's page shows; money is text for people."""
    state, world = call.world.state, call.world
    tickets = [row for row in state.tickets.values() if row.userid == client.id and not row.merged_into]
    services = [row for row in state.services.values() if row.clientid == client.id]
    money = [row for row in state.transactions.values() if row.userid == client.id]
    income = sum((row.amountin - row.fees - row.amountout for row in money), start=client.credit * 0)
    paid = [row for row in state.invoices.values() if row.userid == client.id and row.status == "Paid"]
    prefix, suffix = world.currency
    amount = sum((row.total for row in paid), start=client.credit * 0)
    active = [row for row in tickets if fits_status(state, row, "All Active Tickets", 0)]
    return {
        "numpaidinvoices": len(paid),
        "paidinvoicesamount": f"{prefix}{amount:.2f} {suffix}",
        "income": f"{prefix}{income:.2f} {suffix}",
        "grossRevenue": f"{prefix}{amount:.2f} {suffix}",
        "creditbalance": f"{prefix}{client.credit:.2f} {suffix}",
        "productsnumactive": sum(row.status == "Active" for row in services),
        "productsnumtotal": len(services),
        "numtickets": len(tickets),
        "numactivetickets": len(active),
        "isAffiliate": False,
    }


@action("GetContacts", flat=True)
def get_contacts(call: Call) -> Json:
    """Extra addresses of clients, by exact values; the client itself is none of them."""
    rows = list(call.world.state.contacts.values())
    if call.number("userid"):
        rows = [row for row in rows if row.userid == call.number("userid")]
    for name in ("firstname", "lastname", "email", "phonenumber"):
        if call.text(name):
            rows = [row for row in rows if getattr(row, name) == call.text(name)]
    counts, shown = call.page(rows)
    contacts = [
        {
            "id": row.id,
            "userid": row.userid,
            "firstname": row.firstname,
            "lastname": row.lastname,
            "companyname": "",
            "email": row.email,
            "phonenumber": row.phonenumber,
            "subaccount": 0,
            "password": HASH_CANARY,
            "created_at": row.created_at or NO_MOMENT,
            "pwresetexpiry": NO_MOMENT,
        }
        for row in shown
    ]
    return {**counts, **listing("contacts", "contact", contacts)}


@action("GetClientGroups", flat=True)
def get_client_groups(call: Call) -> Json:
    """The groups of clients."""
    rows = [
        {"id": row.id, "groupname": row.name, "groupcolour": row.colour, "discountpercent": row.discount}
        for row in call.world.state.groups.values()
    ]
    return {"totalresults": len(rows), **listing("groups", "group", rows)}


@action("GetUsers", numeric=True)
def get_users(call: Call) -> Json:
    """Logins, with the clients they act for; in a flat list."""
    state = call.world.state
    wanted = call.text("search").lower()
    rows = [row for row in state.users.values() if wanted in f"{row.name} {row.email}".lower()]
    counts, shown = call.page(rows)
    users = []
    for row in shown:
        first, _, last = row.name.partition(" ")
        clients = [{"id": key, "isOwner": owner} for key, owner in row.clients.items()]
        users.append({"id": row.id, "firstname": first, "lastname": last, "email": row.email, "clients": clients})
    return {**counts, **listing("users", "", users)}


@action("GetAdminUsers", word="", numeric=True)
def get_admin_users(call: Call) -> Json:
    """Administrators, in a flat list and without a word of success."""
    rows = [
        row
        for row in call.world.state.admins.values()
        if (call.flag("include_disabled") or not row.disabled)
        and (not call.number("roleid") or row.role_id == call.number("roleid"))
        and call.text("email").lower() in row.email.lower()
    ]
    return {"count": len(rows), **listing("admin_users", "", [administrator(row) for row in rows])}


def administrator(row: Admin) -> Json:
    """An administrator as the list shows it."""
    return {
        "id": row.id,
        "roleId": row.role_id,
        "username": row.username,
        "firstname": row.firstname,
        "lastname": row.lastname,
        "email": row.email,
        "fullName": row.name,
        "isDisabled": row.disabled,
        "supportDepartmentIds": sorted(row.departments),
        "receivesTicketNotifications": sorted(row.departments),
    }


@action("GetAdminDetails")
def get_admin_details(call: Call) -> Json:
    """The administrator of the credential, and the version."""
    state, admin = call.world.state, call.admin
    departments = ",".join(str(key) for key in sorted(admin.departments))
    permissions = (*PERMISSIONS, "API Access") if call.world.access.api_access else PERMISSIONS
    return {
        "adminid": admin.id,
        "name": admin.name,
        "notes": "",
        "signature": "",
        "allowedpermissions": ",".join(permissions),
        "departments": f",{departments}," if departments else "",
        "requesttime": state.clock(),
        "whmcs": {"version": call.world.version, "canonicalversion": f"{call.world.version}-release.1"},
    }


@action("WhmcsDetails")
def whmcs_details(call: Call) -> Json:
    """The version."""
    return {"whmcs": {"version": call.world.version, "canonicalversion": f"{call.world.version}-release.1"}}
