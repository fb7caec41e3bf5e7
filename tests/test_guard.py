"""The guard: deny by default, whatever the spelling, whatever the Python release."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskside.errors import AddressForbidden, Permanent
from deskside.guard import AddressGuard, plain

ALLOWED = [
    "8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
    "192.88.98.255", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255",
    "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:200::1", "::ffff:8.8.8.8",
    "::ffff:808:808",
]  # fmt: skip

FORBIDDEN = [
    # v4 ranges with their first and last addresses
    "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
    "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255",
    "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0",
    "198.19.255.255", "198.51.100.1", "203.0.113.10", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    # v6: what is not global, and what hides an IPv4 address
    "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "100::1", "::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:a9fe:a9fe::", "2002:808:808::1", "2001::1", "2001:0:a9fe:a9fe::1",
    "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1", "::ffff:0:7f00:1",
    # v4-mapped
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
    # odd spellings: getaddrinfo would take each of them
    "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "017700000001", "0", "①②⑦.⓪.⓪.①", "127。0。0。1", "8.8.8.8 ",
    " 8.8.8.8", "8.8.8.8\n", "08.8.8.8", "8.8.8", "2606:4700:4700:0::1111", "2606:4700:4700::1111%eth0",
    "2A00:1450:4001:81B::200E", "fe80::1%lo", "[2606:4700:4700::1111]", "::ffff:8.8.8.8%1", "0:0:0:0:0:ffff:8.8.8.8",
    "8.8.8.8/32", "8.8.8.8:80", "example.com", "localhost", "", "1.1.1.1\0", "٨.٨.٨.٨",
]  # fmt: skip


@pytest.mark.parametrize("address", ALLOWED)
def test_a_public_address_may_be_probed(address: str) -> None:
    AddressGuard().check(address)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_nasty_address_is_refused_with_its_reason(address: str) -> None:
    with pytest.raises(AddressForbidden) as caught:
        AddressGuard().check(address)
    assert caught.value.reason
    assert str(caught.value).isprintable()
    assert isinstance(caught.value, Permanent)


def test_the_allow_list_opens_a_reserved_network_and_nothing_beside_it() -> None:
    guard = AddressGuard(allow=["127.0.0.0/8", "fd00::/8"])
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "fd00::1"):
        guard.check(address)
    for address in ("10.0.0.1", "fe80::1", "127.1"):
        with pytest.raises(AddressForbidden):
            guard.check(address)


@pytest.mark.parametrize(
    "address",
    ["10.9.0.1", "::ffff:10.9.0.1", "64:ff9b::a09:1", "2002:a09:1::1", "64:ff9b:1::a09:1", "8.8.8.8", "::a09:1"],
)
def test_the_never_probe_list_wins_over_the_allow_list_in_every_disguise(address: str) -> None:
    guard = AddressGuard(allow=["0.0.0.0/0", "::/0"], deny=["10.9.0.0/16", "8.8.8.8"])
    with pytest.raises(AddressForbidden, match="never-probe network"):
        guard.check(address)


def test_a_never_probe_network_written_as_mapped_is_meant_as_ipv4() -> None:
    guard = AddressGuard(allow=["0.0.0.0/0"], deny=["::ffff:10.0.0.0/104"])
    with pytest.raises(AddressForbidden):
        guard.check("10.1.2.3")


@pytest.mark.parametrize("address", ["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])
def test_what_is_no_host_is_refused_even_when_everything_is_allowed(address: str) -> None:
    with pytest.raises(AddressForbidden, match="not the address of a host"):
        AddressGuard(allow=["0.0.0.0/0", "::/0"]).check(address)


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_passes_that_python_calls_special(address: ipaddress.IPv4Address) -> None:
    try:
        AddressGuard().check(str(address))
    except AddressForbidden:
        return
    assert not (
        address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
        or address.is_reserved or address.is_unspecified
    )  # fmt: skip


@given(st.ip_addresses(v=6))
def test_no_ipv6_address_passes_outside_global_unicast(address: ipaddress.IPv6Address) -> None:
    try:
        AddressGuard().check(str(address))
    except AddressForbidden:
        return
    assert address.ipv4_mapped is not None or address in ipaddress.IPv6Network("2000::/3")
    assert address.sixtofour is None
    assert address.teredo is None


@given(st.ip_addresses(v=4))
def test_a_mapped_address_has_the_verdict_of_the_address_inside(address: ipaddress.IPv4Address) -> None:
    def passes(text: str) -> bool:
        try:
            AddressGuard().check(text)
        except AddressForbidden:
            return False
        return True

    assert passes(f"::ffff:{address}") == passes(str(address))
    assert plain(f"::ffff:{address}") == str(address)


@given(st.text(max_size=40) | st.from_regex(r"[0-9a-fx:.%\[\]①②⑦。]{0,30}", fullmatch=True))
def test_any_text_is_an_address_in_its_one_spelling_or_refused(text: str) -> None:
    try:
        AddressGuard(allow=["0.0.0.0/0", "::/0"]).check(text)
    except AddressForbidden:
        return
    assert plain(text) == text or text.startswith("::ffff:")


@given(st.ip_addresses(v=4), st.sampled_from(["0x{:x}", "0{:o}", "{:d}"]))
def test_numbers_that_resolvers_read_as_addresses_are_refused(address: ipaddress.IPv4Address, spelling: str) -> None:
    with pytest.raises(AddressForbidden, match="not an IP address"):
        AddressGuard(allow=["0.0.0.0/0"]).check(spelling.format(int(address)))
