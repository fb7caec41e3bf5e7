"""What clients bought, and the machines it runs on."""

from deskside.demo.whmcs.actions.registry import Call, action, listing
from deskside.demo.whmcs.answers import NO_DAY, NO_MOMENT
from deskside.demo.whmcs.errors import ApiError
from deskside.demo.whmcs.state import Json, Service


@action("GetClientsProducts")
def get_clients_products(call: Call) -> Json:
    """Services by criteria, each with its password in clear."""
    wanted = {
        "clientid": call.number("clientid"),
        "id": call.number("serviceid"),
        "pid": call.number("pid"),
        "domain": call.text("domain"),
        "username": call.text("username2"),
    }
    rows = [
        row
        for row in call.world.state.services.values()
        if all(not value or getattr(row, name) == value for name, value in wanted.items())
    ]
    counts, shown = call.page(rows)
    echoed = {name: call.text(name) or None for name in ("clientid", "serviceid", "pid", "domain")}
    return {**echoed, **counts, **listing("products", "product", [product(call, row) for row in shown])}


def product(call: Call, row: Service) -> Json:
    """A service as the list shows it."""
    server = call.world.state.servers.get(row.serverid)
    fields = enumerate(row.custom.items(), 1)
    options = enumerate(row.options.items(), 1)
    return {
        "id": row.id,
        "qty": 1,
        "clientid": row.clientid,
        "orderid": row.id,
        "ordernumber": f"{row.id:010d}",
        "pid": row.pid,
        "regdate": row.regdate,
        "name": row.name,
        "translated_name": row.name,
        "groupname": row.groupname,
        "translated_groupname": row.groupname,
        "domain": row.domain,
        "dedicatedip": row.dedicatedip,
        "serverid": row.serverid,
        "servername": server.name if server else "",
        "serverip": server.ipaddress if server else None,
        "serverhostname": server.hostname if server else None,
        "suspensionreason": "",
        "firstpaymentamount": row.amount,
        "recurringamount": row.amount,
        "paymentmethod": "paypal",
        "paymentmethodname": "PayPal",
        "billingcycle": row.billingcycle,
        "nextduedate": row.nextduedate or NO_DAY,
        "status": row.status,
        "username": row.username,
        "password": row.password,
        "subscriptionid": "",
        "promoid": 0,
        "overideautosuspend": "",
        "overidesuspenduntil": NO_DAY,
        "ns1": "",
        "ns2": "",
        "assignedips": row.assignedips,
        "notes": row.notes,
        "diskusage": 0,
        "disklimit": 0,
        "bwusage": 0,
        "bwlimit": 0,
        "lastupdate": NO_MOMENT,
        **listing(
            "customfields",
            "customfield",
            [{"id": key, "name": name, "translated_name": name, "value": value} for key, (name, value) in fields],
        ),
        **listing(
            "configoptions",
            "configoption",
            [{"id": key, "option": name, "type": "dropdown", "value": value} for key, (name, value) in options],
        ),
    }


@action("GetClientsDomains", flat=True)
def get_clients_domains(call: Call) -> Json:
    """Domains by criteria."""
    wanted = {"userid": call.number("clientid"), "id": call.number("domainid"), "domainname": call.text("domain")}
    rows = [
        row
        for row in call.world.state.domains.values()
        if all(not value or getattr(row, name) == value for name, value in wanted.items())
    ]
    counts, shown = call.page(rows)
    domains = [
        {
            "id": row.id,
            "userid": row.userid,
            "orderid": row.id,
            "regtype": "Register",
            "domainname": row.domainname,
            "registrar": "enom",
            "regperiod": 1,
            "regdate": row.regdate,
            "expirydate": row.expirydate or NO_DAY,
            "nextduedate": row.expirydate or NO_DAY,
            "status": row.status,
            "notes": "",
        }
        for row in shown
    ]
    echoed = {name: call.text(name) for name in ("clientid", "domainid")}
    return {**echoed, **counts, **listing("domains", "domain", domains)}


@action("GetServers", numeric=True)
def get_servers(call: Call) -> Json:
    """Machines, in a flat list; `fetchStatus` probes every one inside the request."""
    state = call.world.state
    service = state.services.get(call.number("serviceId"))
    if call.number("serviceId") and service is None:
        raise ApiError("Invalid Service ID")
    rows = []
    for row in state.servers.values():
        if service is not None and service.serverid != row.id:
            continue
        used = sum(item.serverid == row.id and item.status == "Active" for item in state.services.values())
        shown: Json = {
            "id": row.id,
            "name": row.name,
            "hostname": row.hostname,
            "ipaddress": row.ipaddress,
            "active": row.active,
            "activeServices": used,
            "maxAllowedServices": row.maximum,
            "percentUsed": round(100 * used / row.maximum),
            "module": row.module,
        }
        if call.flag("fetchStatus"):
            shown["status"] = {"http": True, "load": "0.10", "uptime": "12 days"}
        rows.append(shown)
    return listing("servers", "", rows)
