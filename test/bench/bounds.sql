-- Rates, quantiles, means and net shares with their bounds, as jtools-metrics(7) defines them: macros over the tables of rows that the
-- other files make. Student's t is integrated and the binomial distribution is added up, so that no library's tables are trusted.

-- The t of df degrees of freedom within which 95 % lie. With t = sqrt(df) tan(u), what lies within is the integral of
-- density(df) cos(u)^(df - 1) from 0 to u, here by Simpson's rule. It is concave in u: Newton's steps from 0 never go too far.
CREATE OR REPLACE MACRO density(df) AS 2 * exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(pi());
CREATE OR REPLACE MACRO within(df, u) AS density(df) * u / 3000 * list_sum(list_transform(range(1001),
    lambda k: CASE WHEN k IN (0, 1000) THEN 1 WHEN k % 2 = 1 THEN 4 ELSE 2 END * cos(u * k / 1000) ^ (df - 1)));
CREATE OR REPLACE MACRO t_within_95(df) AS sqrt(df) * tan(list_reduce(range(20)::DOUBLE[],
    lambda u, step: u + (0.95 - within(df, u)) / (density(df) * cos(u) ^ (df - 1))));

CREATE OR REPLACE MACRO binomial(k, n, q) AS
    exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * ln(q) + (n - k) * ln(1 - q));

CREATE OR REPLACE MACRO not_below(floor, x) AS CASE WHEN x < floor THEN floor ELSE x END;
CREATE OR REPLACE MACRO not_above(ceiling, x) AS CASE WHEN x > ceiling THEN ceiling ELSE x END;

-- Of rows (metric and whatever else groups them, customer, n, x), a customer's n rows and x hits: Wilson's interval with the number of
-- rows that they are worth. Without a customer all rows are independent.
CREATE OR REPLACE MACRO rates(counted) AS TABLE
WITH total AS (
    SELECT * EXCLUDE (customer, n, x), sum(x) AS hits, sum(n) AS everything, count(customer) AS customers, hits / everything AS p,
        customers / (customers - 1) * (sum(x * x) - 2 * p * sum(x * n) + p * p * sum(n * n)) / (everything * everything) AS v
    FROM query_table(counted) GROUP BY ALL),
worth AS (
    SELECT *, CASE WHEN customers = 0 THEN everything WHEN customers = 1 THEN NULL WHEN p IN (0, 1) THEN customers
            ELSE least(everything, p * (1 - p) / v) END AS m, 1.959963984540054 AS z,
        z * sqrt(p * (1 - p) / m + z * z / (4 * m * m)) AS half
    FROM total)
SELECT * EXCLUDE (hits, everything, customers, p, v, m, z, half), p AS value, hits AS numerator, everything AS n,
    (p + z * z / (2 * m) - half) / (1 + z * z / m) AS low, (p + z * z / (2 * m) + half) / (1 + z * z / m) AS high
FROM worth;

-- Of rows (metric, class, value), those without a value left out. The value of rank k lies above the quantile q where at most k - 1 of
-- all n lie below that: on either side the last rank of which that is at most 2.5 % likely, or at least 97.5 %.
CREATE OR REPLACE MACRO distributions(valued) AS TABLE
WITH sorted AS (
    SELECT metric, class, list(value ORDER BY value) AS ranked, count(*) AS n, avg(value) AS mean, min(value) AS least,
        t_within_95(nullif(n - 1, 0)) * stddev_samp(value) / sqrt(n) AS half,
        {median: quantile_cont(value, 0.5), p90: quantile_cont(value, 0.9)} AS quantile
    FROM query_table(valued) WHERE value IS NOT NULL GROUP BY metric, class),
size AS (SELECT DISTINCT n, unnest(['median', 'p90']) AS statistic, unnest([0.5, 0.9])::DOUBLE AS q FROM sorted),
likely AS (
    SELECT n, statistic, k, sum(binomial(k, n, q)) OVER (PARTITION BY n, q ORDER BY k) AS at_most
    FROM (SELECT *, unnest(range(n + 1)) AS k FROM size)),
rank AS (
    SELECT n, statistic, max(k + 1) FILTER (at_most <= 0.025) AS low, min(k + 1) FILTER (at_most >= 0.975) AS high
    FROM likely GROUP BY n, statistic)
SELECT metric, class, statistic, CASE statistic WHEN 'median' THEN quantile.median ELSE quantile.p90 END AS value, n,
    ranked[low] AS low, ranked[high] AS high
FROM sorted JOIN rank USING (n)
UNION ALL BY NAME
SELECT metric, class, 'mean' AS statistic, mean AS value, n,
    not_below(CASE WHEN least >= 0 THEN 0 END, mean - half) AS low, mean + half AS high
FROM sorted;

-- Of rows (metric, statistic, share, customer, y, w): values with their weights, and whether they are shares. By customer, linearised.
CREATE OR REPLACE MACRO ratios(weighed) AS TABLE
WITH own AS (
    SELECT metric, statistic, share, customer, sum(y) AS y, sum(w) AS w, min(y) AS least, bool_or(y > w) AS beyond
    FROM query_table(weighed) GROUP BY ALL),
total AS (
    SELECT metric, statistic, share, sum(own.y) AS y, sum(own.w) AS w, sum(own.y) / sum(own.w) AS r, min(own.least) AS least,
        bool_or(own.beyond) AS beyond, count(*) AS customers, max(own.y / own.w) - min(own.y / own.w) > 1e-12 AS differ
    FROM own GROUP BY metric, statistic, share),
deviation AS (
    SELECT metric, statistic,
        t_within_95(customers - 1) * sqrt(customers / (customers - 1) * sum((own.y - r * own.w) ^ 2)) / total.w AS half
    FROM own JOIN total USING (metric, statistic) WHERE differ GROUP BY metric, statistic, customers, total.w)
SELECT metric, statistic, r AS value, CASE statistic WHEN 'net' THEN y END AS numerator, w AS n,
    not_below(CASE WHEN statistic = 'net' THEN -1 WHEN least >= 0 THEN 0 END, r - half) AS low,
    not_above(CASE WHEN share AND NOT beyond THEN 1 END, r + half) AS high
FROM total LEFT JOIN deviation USING (metric, statistic);
