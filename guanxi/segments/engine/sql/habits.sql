-- On how many days each customer has bought by the end of $as_of, how long ago the first and the
-- last of them is, the middle of the days between two, and the longest pause that ended after
-- $lately. Orders of one day are one purchase; returns are none; days after $as_of do not exist.
WITH days AS (
    SELECT DISTINCT customer, day
    FROM orders
    WHERE is_live AND amount >= 0 AND day <= $as_of
),
gaps AS (
    SELECT customer, day, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap
    FROM days
)
SELECT
    customer,
    count(*)::BIGINT AS purchases,
    date_diff('day', min(day), $as_of::DATE) AS tenure,
    date_diff('day', max(day), $as_of::DATE) AS silence,
    quantile_cont(gap, 0.5) AS own,
    coalesce(max(gap) FILTER (day > $lately), 0)::BIGINT AS pause
FROM gaps
GROUP BY customer
