-- Recency, frequency and money of every customer with a purchase, scored 1 (worst) to 5 by type-7
-- quantiles or by given thresholds ($…_cuts). Equal values have equal scores: the score counts the
-- thresholds below a value, one on a threshold belongs to the lower class; recency is turned round.
WITH bought AS (
    SELECT customer, recency, frequency, amount FROM purchases WHERE recency IS NOT NULL
),
cuts AS (
    SELECT
        coalesce($recency_cuts::DOUBLE[], quantile_cont(recency, [0.2, 0.4, 0.6, 0.8])) AS r,
        coalesce($frequency_cuts::DOUBLE[], quantile_cont(frequency, [0.2, 0.4, 0.6, 0.8])) AS f,
        coalesce($amount_cuts::DOUBLE[], quantile_cont(amount, [0.2, 0.4, 0.6, 0.8])) AS m
    FROM bought
)
SELECT
    customer, recency, frequency, amount,
    5 - ((recency > r[1])::TINYINT + (recency > r[2])::TINYINT
        + (recency > r[3])::TINYINT + (recency > r[4])::TINYINT) AS r,
    1 + ((frequency > f[1])::TINYINT + (frequency > f[2])::TINYINT
        + (frequency > f[3])::TINYINT + (frequency > f[4])::TINYINT) AS f,
    1 + ((amount > m[1])::TINYINT + (amount > m[2])::TINYINT
        + (amount > m[3])::TINYINT + (amount > m[4])::TINYINT) AS m
FROM bought, cuts
