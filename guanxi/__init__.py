"""Guanxi (关系): the customer-relationship system that runs an enterprise's own service handbook."""

__version__ = "0.1.0"
