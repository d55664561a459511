-- The metrics of jtools-metrics(7) from the tables of facts.sql, with numerator, n and the interval clustered by customer. Needs the
-- macros of bounds.sql.
CREATE OR REPLACE MACRO week() AS 7 * 24 * 3600000::BIGINT;
CREATE OR REPLACE MACRO day() AS 24 * 3600000::BIGINT;
SET VARIABLE horizon = (
    SELECT max(epoch_ms(time) + CASE WHEN type = 'call' THEN round(coalesce(duration, 0) * 1000)::BIGINT ELSE 0 END) FROM record);

CREATE OR REPLACE TEMP TABLE asked AS
SELECT class, customer, (answered_any - started) / 1000 AS seconds FROM contact WHERE hers AND first_in IS NOT NULL AND wait_known;

CREATE OR REPLACE TEMP TABLE hit AS
WITH repeated AS (
    SELECT customer, count(*) AS n, count(*) FILTER (next_matter AND soon) AS repeat_contact_rate,
        count(*) FILTER (soon) AS "repeat_contact_rate.any_intent",
        count(*) FILTER (next_matter AND soon AND same) AS "repeat_contact_rate.same_channel",
        count(*) FILTER (next_matter AND soon AND NOT same) AS "repeat_contact_rate.other_channel",
        count(*) FILTER (next_matter AND next_started <= ended) AS "repeat_contact_rate.overlapping"
    FROM (SELECT *, next_started - ended <= week() AS soon, next_channel IS NOT DISTINCT FROM channel AS same FROM contact)
    WHERE hers AND known AND ended + week() <= getvariable('horizon') GROUP BY customer),
resolved AS (
    SELECT customer, count(*) AS n, count(*) FILTER (closed_soon AND once) AS "first_contact_resolution.explicit",
        count(*) FILTER ((closed_soon OR presumed) AND once) AS "first_contact_resolution.presumed"
    FROM (SELECT *, coalesce(first_closed <= first_ended + week(), false) AS closed_soon,
            first_ours_last AND NOT first_asks_last AND coalesce(first_next_in - first_ended > day(), true) AS presumed,
            coalesce(later_started > first_ended + week(), true) AND transfers = 0 AND escalations = 0 AS once
        FROM issue)
    WHERE hers AND first_handled AND known AND first_ended + week() <= getvariable('horizon') GROUP BY customer),
reopened AS (
    SELECT customer, count(*) AS n, count(*) FILTER (reopen_started <= closed + week()) AS reopen_rate,
        count(*) FILTER (case_reopened <= closed + week()) AS "reopen_rate.case_reopened",
        count(*) FILTER (reopen_started <= closed + week() AND reopen_channel_other) AS cross_channel_reopen_rate
    FROM issue WHERE known AND closed + week() <= getvariable('horizon') GROUP BY customer),
moved AS (
    SELECT customer, count(*) AS n, count(*) FILTER (escalations > 0) AS escalation_rate,
        count(*) FILTER (transfers > 0) AS transfer_rate
    FROM contact WHERE handled GROUP BY customer),
switched AS (
    SELECT customer, count(*) AS n, count(*) FILTER (switches > 0) AS channel_switch_rate
    FROM issue WHERE known AND contacts >= 2 GROUP BY customer)
SELECT metric, NULL AS class, 'rate' AS statistic, customer, n, x FROM (
    (UNPIVOT repeated ON * EXCLUDE (customer, n) INTO NAME metric VALUE x)
    UNION ALL BY NAME (UNPIVOT resolved ON * EXCLUDE (customer, n) INTO NAME metric VALUE x)
    UNION ALL BY NAME (UNPIVOT reopened ON * EXCLUDE (customer, n) INTO NAME metric VALUE x)
    UNION ALL BY NAME (UNPIVOT moved ON * EXCLUDE (customer, n) INTO NAME metric VALUE x)
    UNION ALL BY NAME (UNPIVOT switched ON * EXCLUDE (customer, n) INTO NAME metric VALUE x))
UNION ALL
SELECT 'first_response_time.any', class, 'unanswered', customer, count(*), count(*) FILTER (seconds IS NULL)
FROM asked GROUP BY class, customer;

FROM rates('hit')
UNION ALL BY NAME
SELECT 'first_response_time.any' AS metric, class, unnest(['median', 'p90', 'mean']) AS statistic,
    unnest([quantile_cont(seconds, 0.5), quantile_cont(seconds, 0.9), avg(seconds)]) AS value, count(seconds) AS n
FROM asked GROUP BY class
UNION ALL BY NAME
SELECT unnest(['contacts', 'contacts.offered', 'contacts.handled', 'customers']) AS metric, 'count' AS statistic,
    unnest([count(*), count(*) FILTER (hers), count(*) FILTER (handled), count(DISTINCT customer)]) AS n, n AS value
FROM contact
UNION ALL BY NAME
SELECT 'issues' AS metric, 'count' AS statistic, count(*) AS n, n AS value FROM issue;
