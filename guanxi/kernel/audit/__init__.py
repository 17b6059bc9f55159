"""The sealed audit trail: a hash chain over events and accesses, its anchors and its archive."""
