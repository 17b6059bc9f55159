"""What a pack may bring: phrases that are not said to customers (COM-4)."""

from guanxi.surfaces.packs import declare_records

declare_records("wordings", "tickets.wording", ("instead",), name="phrase", order=60)
