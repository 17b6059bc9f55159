"""The fixtures of approvals."""

from guanxi.approvals.tests.factories import office

__all__ = ["office"]
