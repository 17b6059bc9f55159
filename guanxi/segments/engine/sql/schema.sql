-- Facts of the operational database, one table for each source: derived, to be made anew at any time.
-- `seen` is when the source last changed a row, in microseconds; the mark is the newest one seen.
CREATE TABLE IF NOT EXISTS orders (
    id BIGINT, customer BIGINT, day DATE, amount BIGINT, currency VARCHAR, is_live BOOLEAN
);
CREATE TABLE IF NOT EXISTS talks (
    id BIGINT, customer BIGINT, day DATE, amount BIGINT, currency VARCHAR, is_live BOOLEAN
);
CREATE TABLE IF NOT EXISTS marks (source VARCHAR PRIMARY KEY, seen BIGINT, changed_at TIMESTAMP);
