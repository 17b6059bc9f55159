"""The fixtures of customers."""

from guanxi.customers.tests.deletions import office

__all__ = ["office"]
