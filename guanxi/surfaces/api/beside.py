"""Addresses of the API that belong to no record type, added by the domains they are about."""

from django.urls import URLPattern

_addresses: dict[str, tuple[URLPattern, ...]] = {}


def declare_addresses(name: str, *patterns: URLPattern) -> None:
    """Add a domain's own addresses; their views are described like all others."""
    _addresses[name] = patterns


def names_beside() -> list[str]:
    """The lists that domains have added."""
    return sorted(_addresses)


def patterns_beside() -> list[URLPattern]:
    """Their addresses."""
    return [pattern for name in names_beside() for pattern in _addresses[name]]
