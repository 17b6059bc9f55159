"""Where a request comes from: the peer, unless a configured proxy says who stands behind it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=8)
def _networks(words: tuple[str, ...]) -> tuple[_Network, ...]:
    return tuple(ipaddress.ip_network(word, strict=False) for word in words)


def is_trusted(address: str, proxies: Sequence[str]) -> bool:
    """Whether an address belongs to one of the configured proxies (addresses or networks)."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in _networks(tuple(proxies)))


def behind_proxies(peer: str, forwarded_for: str, proxies: Sequence[str]) -> str:
    """Walk the forwarded chain from the peer back to the first address that is no trusted proxy."""
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_trusted(address, proxies):
            return address
        try:
            address = str(ipaddress.ip_address(hop))
        except ValueError:
            return address
    return address


def client_ip(request: HttpRequest) -> str:
    """The client's address; X-Forwarded-For counts only when a trusted proxy sent it (E01, E10)."""
    peer = str(request.META.get("REMOTE_ADDR") or "")
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR") or "")
    if forwarded and settings.TRUSTED_PROXIES:
        peer = behind_proxies(peer, forwarded, settings.TRUSTED_PROXIES)
    try:
        return str(ipaddress.ip_address(peer))
    except ValueError:
        return ""
