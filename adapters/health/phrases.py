"""Each finding as phrases of a language, made from its details: what a host sent is data here, never a template."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.health.language import Language, clean
from adapters.health.ssh import wording as ssh
from deskside.model.health import Finding

_SHOWN_IN_LIST = 4
_LIST_STATES = ("listed", "normal", "error", "dropped", "timeout", "clear")
_STATES = ("timeout", "unreachable", "refused", "blocked", "open")


def phrase(finding: Finding, language: Language) -> str:
    """The finding in one phrase, its worst part first; a foreign probe's summary when its details are not ours."""
    details: Mapping[str, Any] = finding.details
    say = _PHRASES.get(finding.probe)
    code = str(details.get("code", ""))
    if f"any.{code}" in language.phrases and f"{finding.probe}.{code}" not in language.phrases:
        values = {"probe": finding.probe, "address": details.get("address", ""), "error": details.get("error", "")}
        return language.say(f"any.{code}", **values)
    if say is None:
        return clean(f"{finding.probe}: {finding.summary}", 240)
    try:
        return say(details, language)
    except (AttributeError, KeyError, TypeError, ValueError):
        return clean(f"{finding.probe}: {finding.summary}", 240)


def _icmp(details: Mapping[str, Any], language: Language) -> str:
    return language.say(
        f"icmp.{details['code']}",
        sent=details.get("sent"),
        got=details.get("got"),
        loss=details.get("loss_percent"),
        avg=float(details["rtt_ms"]["avg"]) if "rtt_ms" in details else "",
        usual=details.get("usual_ms", ""),
        cure=details.get("cure", ""),
    )


def _tcp(details: Mapping[str, Any], language: Language) -> str:
    said = []
    for state in _STATES:
        ports = sorted(entry["port"] for entry in details["ports"] if entry["state"] == state)
        if ports:
            number = "one" if len(ports) == 1 else "many"
            said.append(language.say(f"tcp.{state}.{number}", ports=", ".join(map(str, ports))))
    return "; ".join(said)


def _http(details: Mapping[str, Any], language: Language) -> str:
    code = str(details["code"])
    total = details.get("phases_ms", {}).get("total", 0.0) / 1000
    return language.say(
        "http.redirect_elsewhere" if code == "redirect" and details.get("elsewhere") else f"http.{code}",
        url=details["url"],
        status=details.get("status"),
        seconds=float(details.get("seconds", total)),
        location=details.get("location_host", ""),
    )


def _tls(details: Mapping[str, Any], language: Language) -> str:
    code = details["code"]
    if code not in ("valid", "problems"):
        return language.say(f"tls.{code}", port=details.get("port"), reason=details.get("reason", ""))
    names = _listed(details["names"], details["more_names"]) or "—"
    values = {
        "host": details["host"],
        "names": names,
        "days": language.days(details["days_left"]),
        "until": _date(details["not_after"]),
        "since": _date(details["not_before"]),
        "issuer": clean(details["issuer"], 60) or "—",
        "version": details["version"],
    }
    return "; ".join(language.say(f"tls.{reason}", **values) for reason in details["reasons"] or ["valid"])


def _dns(details: Mapping[str, Any], language: Language) -> str:
    code = details["code"]
    if code not in ("answered", "problems"):
        return language.say(f"dns.{code}", host=details["host"])
    values = {name: _listed(details[name]) for name in ("answers", "known", "silent", "lame", "serials")}
    values |= {name: _listed(details[name]) or "—" for name in ("only_parent", "only_child")}
    values |= {"host": details["host"], "zone": details["zone"], "ttl": details["ttl"]}
    said = [language.say(f"dns.{reason}", **values) for reason in (*details["reasons"], *details["notes"])]
    if not {"elsewhere", "cdn"} & set(details["notes"]):
        told_ttl = details["ttl"] is not None and "long_ttl" not in details["notes"]
        if details["answers"]:
            said.append(language.say("dns.answered_ttl" if told_ttl else "dns.answered", **values))
    return "; ".join(said)


def _status(details: Mapping[str, Any], language: Language) -> str:
    return language.say(f"status.{details['code']}", service=details["service"])


def _incident(details: Mapping[str, Any], language: Language) -> str:
    said = []
    for incident in details["incidents"][:_SHOWN_IN_LIST]:
        since = datetime.fromisoformat(incident["since"])
        time = f"{since:%H:%M}" if incident["today"] else f"{since:%Y-%m-%d %H:%M}"
        said.append(language.say("incident.open", since=time, title=clean(incident["title"], 160)))
    return "; ".join(said)


def _rbl(details: Mapping[str, Any], language: Language) -> str:
    said = []
    for entry in sorted(details["lists"], key=lambda entry: _LIST_STATES.index(entry["state"])):
        meanings = [language.phrases.get(f"rbl.{text}", text) for text in entry["meanings"]]
        values = {"address": details["address"], "name": clean(entry["name"], 60), "meanings": _listed(meanings)}
        said.append(language.say(f"rbl.{entry['state']}", **values))
    return "; ".join(said)


def _domain(details: Mapping[str, Any], language: Language) -> str:
    values = {"domain": details["domain"]}
    if "reasons" not in details:
        return language.say(f"domain.{details['code']}", **values)
    if details["expires"]:
        values |= {"until": _date(details["expires"]), "days": language.days(details["days_left"])}
    registered = "registered" if details["expires"] else "registered_without_end"
    return "; ".join(language.say(f"domain.{reason}", **values) for reason in details["reasons"] or [registered])


def _guard(details: Mapping[str, Any], language: Language) -> str:
    return language.say("guard.forbidden", address=details["address"], reason=details["reason"])


_PHRASES = {
    "icmp": _icmp,
    "tcp": _tcp,
    "http": _http,
    "tls": _tls,
    "dns": _dns,
    "rbl": _rbl,
    "domain": _domain,
    "status": _status,
    "incident": _incident,
    "ssh": ssh.say,
    "guard": _guard,
}


def _listed(values: Sequence[Any], more: int = 0) -> str:
    shown = [clean(str(value), 60) for value in values[:_SHOWN_IN_LIST]]
    left = more + max(0, len(values) - _SHOWN_IN_LIST)
    return ", ".join(shown) + (f" (+{left})" if left else "")


def _date(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d}"
