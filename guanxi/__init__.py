"""Guanxi (关系): the customer system that runs an enterprise's own service handbook."""

__version__ = "0.1.0"
