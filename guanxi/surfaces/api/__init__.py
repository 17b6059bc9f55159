"""The programming interface `/api/v1/`, derived from the declarations of the record types."""
