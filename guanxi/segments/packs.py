"""What a pack may bring: the named RFM groups. Value models are a company's own decision."""

from guanxi.surfaces.packs import declare_records

declare_records(
    "rfm_groups",
    "segments.rfmgroup",
    ("place", "strategy", "r_from", "r_to", "f_from", "f_to", "m_from", "m_to"),
    order=80,
)
