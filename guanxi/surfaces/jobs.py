"""The long work of the surfaces; importing this registers every kind of run."""

from guanxi.surfaces.exporting import jobs as exporting
from guanxi.surfaces.importing import jobs as importing
from guanxi.surfaces.services import bulk

__all__ = ["bulk", "exporting", "importing"]
