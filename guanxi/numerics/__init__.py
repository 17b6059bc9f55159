"""Pure functions on arrays: purchase models, survival, weights, scores; no Django, no files."""
