"""Four-eyes checks of entries: drawn by a rule, compared by a head, measured by person (CUS-8)."""
