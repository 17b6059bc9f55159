"""The demo company grown to a million customers: made in pieces, by several processes."""
