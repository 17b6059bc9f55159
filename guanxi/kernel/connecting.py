"""The one way to a machine that somebody named: looked up once, looked at, then called.

What is named by people in the product could be the machine itself or a service beside it that
trusts it; such addresses are open only where the operator names them (`GUANXI_OUTBOUND_HOSTS`).
"""

import ipaddress
import socket
from typing import Final

from django.conf import settings
from django.utils.translation import gettext

#: What providers share between their customers' machines and themselves: their metadata, too.
_SHARED: Final = ipaddress.ip_network("100.64.0.0/10")


class Unreachable(OSError):
    """Nobody answers there, or nobody may be asked; says why in the reader's language."""


def may_be_called(address: str) -> bool:
    """Whether an address is another machine's: not our own, not one that only this host knows."""
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return not (
        found.is_loopback
        or found.is_link_local
        or found.is_unspecified
        or found.is_multicast
        or found.is_reserved
        or found in _SHARED
    )


def is_trusted(host: str) -> bool:
    """Whether the operator has named this host as one that may be called whatever it is."""
    return host.lower() in settings.OUTBOUND_HOSTS


def open_connection(host: str, port: int, *, timeout: float) -> socket.socket:
    """Call a host; the address that was looked at is the one that is called."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(gettext("%(host)s is not known.") % {"host": host}) from error
    addresses = [str(address[0]) for *_rest, address in found]
    if not is_trusted(host) and not all(map(may_be_called, addresses)):
        words = gettext("%(host)s is this machine or one beside it, which may not be called.")
        raise Unreachable(words % {"host": host})
    trouble: OSError = Unreachable(host)
    for address in dict.fromkeys(addresses):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            trouble = error
    raise trouble
