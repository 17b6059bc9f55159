-- What each customer brought between two days, for the back-test of an earlier rating.
SELECT customer, sum(amount)::BIGINT AS revenue
FROM orders
WHERE is_live AND day > $after AND day <= $until AND currency = $currency
GROUP BY customer
