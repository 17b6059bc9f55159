"""What a pack may bring for customers: the tag library (CUS-13), key fields (CUS-7)."""

from guanxi.surfaces.packs import declare_records

declare_records("key_fields", "customers.keyfield", ("is_by_request",), name="field", order=30)
declare_records("tags", "customers.tag", ("group", "description"), order=20)
