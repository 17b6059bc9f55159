"""What a pack may bring: work that comes round (CUS-7, VIS-7)."""

from guanxi.surfaces.packs import declare_records

declare_records(
    "cadences",
    "commitments.cadence",
    ("title", "details", "condition", "every", "unit", "due_days", "is_on"),
    order=70,
)
