"""Addresses that webhooks may go to: allowed by the operator, and never a way into the server's own network.

A client chooses the address, and this server makes the request: so the operator says which hosts may be asked
(KAPITOLA_WEBHOOK_HOSTS), private ranges are refused unless they are named, and the connection goes to the very address
that was looked at.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from shared.errors import KapitolaError

_Address = IPv4Address | IPv6Address
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 2_000


class WebhookRefusedError(KapitolaError):
    """The address is none that this server sends webhooks to."""

    code = "webhook-refused"
    remedy = "The operator names the hosts that may be told in KAPITOLA_WEBHOOK_HOSTS; docs/webhooks.md says more."


@dataclass(frozen=True, slots=True)
class Destination:
    """A webhook's address, taken apart. `host` is a name, or an address as its text."""

    url: str
    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as they are requested."""

    @property
    def authority(self) -> str:
        """The Host that is asked for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


class AllowedHosts:
    """The hosts that an operator named: `hooks.example.org`, `*.example.org`, `*` (any public one), `10.1.2.0/24`."""

    def __init__(self, entries: str) -> None:
        self._names: list[str] = []
        self._networks: list[IPv4Network | IPv6Network] = []
        for entry in filter(None, (part.strip().lower() for part in entries.split(","))):
            try:
                self._networks.append(ipaddress.ip_network(entry.strip("[]")))
            except ValueError:
                self._names.append(entry)

    def destination(self, url: str) -> Destination:
        """Takes the address apart. Raises WebhookRefusedError, saying why, unless its host is allowed."""
        if not self._names and not self._networks:
            raise WebhookRefusedError("Webhooks are off on this server. Its operator allows hosts: docs/webhooks.md.")
        destination = _taken_apart(url)
        address = _literal(destination.host)
        if address is None and not any(_matches(destination.host, name) for name in self._names):
            raise WebhookRefusedError(f"This server sends no webhooks to {destination.host}: KAPITOLA_WEBHOOK_HOSTS.")
        if address is not None:
            self.vet(destination, [address])
        return destination

    def vet(self, destination: Destination, addresses: Sequence[_Address]) -> _Address:
        """The address to connect to, of those that the name stands for; raises if any of them is not to be asked."""
        for address in addresses:
            if not self._is_allowed(address, is_literal=_literal(destination.host) is not None):
                raise WebhookRefusedError(f"{destination.host} is at {address}, which this server sends nothing to.")
            if destination.scheme != "https" and not self._is_named(address):
                raise WebhookRefusedError("Webhooks go over https:// only, except to addresses that are named.")
        if not addresses:
            raise WebhookRefusedError(f"{destination.host} has no address.")
        return addresses[0]

    def _is_allowed(self, address: _Address, *, is_literal: bool) -> bool:
        if self._is_named(address):
            return True
        return _is_public(address) and (not is_literal or "*" in self._names)

    def _is_named(self, address: _Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)


def _taken_apart(url: str) -> Destination:
    refused = WebhookRefusedError(f"A webhook's address is like https://hooks.example.org/kapitola, not {url[:100]!r}.")
    if len(url) > _LONGEST or not url.isascii() or any(c <= " " or c in '\x7f\\"<>^`{|}' for c in url):
        raise refused
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}[parts.scheme]
        host = (parts.hostname or "").lower()
    except (ValueError, KeyError) as error:
        raise refused from error
    if "@" in parts.netloc or "#" in url or "%" in host:
        raise refused
    if _literal(host) is None:
        host = host.removesuffix(".")
        # "2130706433", "0x7f.1": no names, but what the system's resolver would read as 127.0.0.1.
        if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
            raise refused
    return Destination(url, parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _matches(host: str, name: str) -> bool:
    return name in ("*", host) or (name.startswith("*.") and host.endswith(name[1:]))


def _is_public(address: _Address) -> bool:
    inner = _carried(address)
    if inner is not None:
        return _is_public(inner)
    if isinstance(address, IPv6Address) and (
        address.is_site_local or address in ipaddress.ip_network("64:ff9b:1::/48")
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: _Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, translated, or through a tunnel."""
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    tunnelled = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or tunnelled
