"""The fixtures of complaints."""

from guanxi.complaints.tests.factories import office

__all__ = ["office"]
