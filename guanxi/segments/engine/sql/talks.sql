-- How often each customer was talked with in the window.
SELECT customer, count(*) AS talks
FROM talks
WHERE is_live AND day <= $as_of AND day >= $since
GROUP BY customer
