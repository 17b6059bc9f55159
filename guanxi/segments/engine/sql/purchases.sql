-- What each customer has bought by the end of $as_of. A purchase is an amount of zero or more; a
-- return is taken off the money and is no purchase. Days after $as_of do not exist; $since is the
-- first day of the window, $half that of its later half. Amounts are those in $currency alone.
-- The months of the window are bits, so that a customer is one row of numbers.
SELECT
    customer, recency, tenure, frequency, amount,
    2 * late - amount AS growth,
    CASE WHEN amount + returned > 0 THEN least(returned / (amount + returned), 1.0) ELSE 0.0 END
        AS return_share,
    bit_count(months)::INTEGER AS months
FROM (
    SELECT
        customer,
        date_diff('day', max(day) FILTER (amount >= 0), $as_of::DATE) AS recency,
        date_diff('day', min(day) FILTER (amount >= 0), $as_of::DATE) AS tenure,
        count(*) FILTER (amount >= 0 AND day >= $since) AS frequency,
        coalesce(sum(amount) FILTER (day >= $since AND currency = $currency), 0)::BIGINT AS amount,
        coalesce(sum(amount) FILTER (day >= $half AND currency = $currency), 0)::BIGINT AS late,
        coalesce(
            sum(-amount) FILTER (amount < 0 AND day >= $since AND currency = $currency), 0
        )::BIGINT AS returned,
        coalesce(bit_or(
            1::BIGINT << least(greatest(date_diff('month', $since::DATE, day), 0), 60)::INTEGER
        ) FILTER (amount >= 0 AND day >= $since), 0) AS months
    FROM orders
    WHERE is_live AND day <= $as_of
    GROUP BY customer
)
