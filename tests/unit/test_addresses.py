"""Which addresses webhooks may go to."""

from __future__ import annotations

import ipaddress

import pytest

from shared.addresses import AllowedHosts, WebhookRefusedError

ANYWHERE = "*, hooks.example.org, *.example.net"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::7f00:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fd00::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://user:secret@hooks.example.org/",
        "https://127.0.0.1\\@hooks.example.org/",
        "https://hooks.example.org#@127.0.0.1/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/\r\nX-Injected: 1",
        "https://hooks.example.org/a b",
        "https://hööks.example.org/",
        "https://１２７.0.0.1/",
        "https:///path",
        "https://",
        "//hooks.example.org/",
        "file:///etc/passwd",
        "gopher://hooks.example.org/",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
        "https://hooks.example.org/" + "a" * 3_000,
        "",
    ],
)
def test_no_way_of_writing_leads_inside(url: str) -> None:
    with pytest.raises(WebhookRefusedError):
        AllowedHosts(ANYWHERE).destination(url)


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        ("hooks.example.org", "https://hooks.example.org/a?b=c", True),
        ("hooks.example.org", "https://HOOKS.Example.org./", True),
        ("hooks.example.org", "https://evil.hooks.example.org/", False),
        ("hooks.example.org", "https://hooks.example.org.evil.net/", False),
        ("*.example.org", "https://a.b.example.org/", True),
        ("*.example.org", "https://example.org/", False),
        ("*.example.org", "https://evilexample.org/", False),
        ("*", "https://anything.example/", True),
        ("*", "https://93.184.215.14/", True),
        ("hooks.example.org", "https://93.184.215.14/", False),
        ("10.1.2.0/24", "http://10.1.2.3:8080/", True),
        ("10.1.2.0/24", "https://10.1.3.3/", False),
        ("127.0.0.1", "http://127.0.0.1:9999/hook", True),
        ("127.0.0.1", "http://127.0.0.2:9999/hook", False),
        ("fd00::/8", "http://[fd00::1]:8080/", True),
        ("", "https://hooks.example.org/", False),
        (" , ", "https://hooks.example.org/", False),
    ],
)
def test_only_the_hosts_that_were_named_are_allowed(hosts: str, url: str, allowed: bool) -> None:
    if allowed:
        AllowedHosts(hosts).destination(url)
    else:
        with pytest.raises(WebhookRefusedError):
            AllowedHosts(hosts).destination(url)


def test_plain_http_is_for_named_addresses_only() -> None:
    hosts = AllowedHosts("hooks.example.org, 10.0.0.0/8")
    destination = hosts.destination("http://hooks.example.org/")
    assert str(hosts.vet(destination, [ipaddress.ip_address("10.0.0.7")])) == "10.0.0.7"
    with pytest.raises(WebhookRefusedError, match="https"):
        hosts.vet(destination, [ipaddress.ip_address("93.184.215.14")])


def test_one_bad_address_of_a_name_is_enough_to_refuse_it() -> None:
    hosts = AllowedHosts("hooks.example.org")
    destination = hosts.destination("https://hooks.example.org/")
    public, private = ipaddress.ip_address("93.184.215.14"), ipaddress.ip_address("10.0.0.7")
    assert hosts.vet(destination, [public]) == public
    for addresses in ([public, private], [private], []):
        with pytest.raises(WebhookRefusedError):
            hosts.vet(destination, addresses)
