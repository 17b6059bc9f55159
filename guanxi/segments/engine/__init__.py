"""Facts in DuckDB and what is counted from them; loaded by the worker's jobs alone."""
