"""The regular and the long work of this domain; importing this registers it."""

from guanxi.customers.pools import jobs as pools

__all__ = ["pools"]
