-- First response times in the business hours of fixtures/hours, counted minute by minute, with numerator, n and intervals: run in one
-- process with facts.sql, bounds.sql, rest.sql and switches.sql, from what they leave.
CREATE OR REPLACE TEMP TABLE answer AS
WITH place AS (SELECT row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos, region FROM record),
home AS (
    SELECT contact, arg_min(region, pos) FILTER (region IS NOT NULL) AS region
    FROM (SELECT contact, pos FROM word UNION SELECT contact, pos FROM attached) JOIN place USING (pos) GROUP BY contact),
span AS (
    SELECT 'any' AS kind, contact, customer, class, started, answered_any AS answered
    FROM fate WHERE hers AND first_in IS NOT NULL AND wait_known
    UNION ALL SELECT 'human', contact, customer, class, started, answered_human FROM fate WHERE hers AND first_in IS NOT NULL AND wait_known
    UNION ALL SELECT 'useful', contact, customer, class, started, started + round(value * 1000)::BIGINT FROM response)
SELECT span.* EXCLUDE kind, 'first_response_time.business_' || kind AS metric,
    coalesce(region = 'US', false) AS us
FROM span LEFT JOIN home USING (contact);

-- How many minutes are open before each, here and there.
CREATE OR REPLACE TEMP TABLE minute AS
WITH clock AS (
    SELECT us, t, timezone(CASE WHEN us THEN 'America/New_York' ELSE 'Europe/Lisbon' END, to_timestamp(t * 60)) AS shown
    FROM (SELECT unnest(range(min(started) // 60000, max(greatest(started, answered)) // 60000 + 1)) AS t FROM answer),
        (VALUES (true), (false)) AS side(us)),
desk AS (
    SELECT us, t, (CASE WHEN us THEN isodow(shown) <= 5 AND date_part('hour', shown) BETWEEN 8 AND 19
        ELSE shown::DATE NOT IN (DATE '2026-04-03', DATE '2026-12-25') AND date_part('hour', shown) >= 9
            AND date_part('hour', shown) < CASE isodow(shown) WHEN 6 THEN 13 WHEN 7 THEN 0 ELSE 18 END END)::INT AS open
    FROM clock)
SELECT *, sum(open) OVER (PARTITION BY us ORDER BY t) - open AS before FROM desk;

CREATE OR REPLACE TEMP TABLE business AS
SELECT metric, class, customer,
    ((until.before - since.before) * 60000 + until.open * (answered % 60000) - since.open * (started % 60000)) / 1000 AS value
FROM answer JOIN minute AS since ON since.us = answer.us AND since.t = started // 60000
    LEFT JOIN minute AS until ON until.us = answer.us AND until.t = answered // 60000;

CREATE OR REPLACE TEMP TABLE unanswered AS
SELECT metric, class, 'unanswered' AS statistic, customer, count(*) AS n, count(*) FILTER (value IS NULL) AS x FROM business GROUP BY ALL;

FROM rates('unanswered')
UNION ALL BY NAME
FROM distributions('business');
