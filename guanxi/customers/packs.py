"""What a pack may bring for customers: the tag library (CUS-13)."""

from guanxi.surfaces.packs import declare_records

declare_records("tags", "customers.tag", ("group", "description"), order=20)
