-- Metrics of jtools-metrics(7) about selling, with numerator, n and intervals, from the table record and what facts.sql leaves beside
-- its tables: run in one process with it. The intents that are commercial are those of the shipped ontology.
CREATE OR REPLACE MACRO commercial(intent) AS intent IN ('upgrade.plan', 'upgrade.renewal', 'quote.discount', 'quote.request',
    'quote.price', 'purchase.problem', 'purchase.payment', 'purchase.buy', 'information.availability', 'information.product');
CREATE OR REPLACE MACRO month() AS 30 * 24 * 3600000::BIGINT;
SET VARIABLE horizon = (
    SELECT max(epoch_ms(time) + CASE WHEN type = 'call' THEN round(coalesce(duration, 0) * 1000)::BIGINT ELSE 0 END) FROM record);

CREATE OR REPLACE TEMP TABLE selling AS
WITH said_in AS (
    SELECT contact, pos, intent, outbound FROM word UNION ALL BY NAME SELECT contact, pos, intent, outbound FROM attached),
topic AS (
    SELECT contact, arg_min(intent, pos) AS intent FROM said_in
    WHERE NOT outbound AND intent LIKE '%.%' AND intent NOT LIKE 'courtesy.%' GROUP BY contact)
SELECT issue, any_value(contact.customer) AS customer, any_value(known) AS known, min(started) AS started, max(ended) AS ended,
    arg_min(channel, contact) AS channel, arg_max(channel, contact) AS last_channel, list(DISTINCT channel) AS channels
FROM contact LEFT JOIN topic USING (contact) GROUP BY issue HAVING bool_or(coalesce(commercial(intent), false));

-- Orders, each with the opportunity that it is in, else the latest one of the customer that began up to 30 days before.
CREATE OR REPLACE TEMP TABLE bought AS
WITH placed AS (
    SELECT said.pos, said.t, said.customer, selling.issue
    FROM said LEFT JOIN attached USING (pos) LEFT JOIN issue_of ON issue_of.contact = attached.contact
        LEFT JOIN selling ON selling.issue = issue_of.issue
    WHERE said.type = 'order.placed')
SELECT placed.pos, placed.t, coalesce(placed.issue, CASE WHEN placed.t - latest.started <= month() THEN latest.issue END) AS issue
FROM placed ASOF LEFT JOIN selling AS latest ON latest.customer = placed.customer AND latest.issue < placed.pos;

CREATE OR REPLACE TEMP TABLE opportunity AS
SELECT selling.*, won FROM selling LEFT JOIN (SELECT issue, min(t) AS won FROM bought GROUP BY issue) USING (issue);

CREATE OR REPLACE TEMP TABLE sold AS
WITH mature AS (SELECT *, won IS NOT NULL AS hit FROM opportunity WHERE known AND ended + month() <= getvariable('horizon')),
row AS (
    SELECT 'conversion' AS metric, NULL AS channel, NULL AS last_channel, customer, hit FROM mature
    UNION ALL SELECT 'conversion_by_channel.first', channel, NULL, customer, hit FROM mature
    UNION ALL SELECT 'conversion_by_channel.last', NULL, last_channel, customer, hit FROM mature
    UNION ALL SELECT 'conversion_by_channel.any', unnest(channels), NULL, customer, hit FROM mature)
SELECT metric, channel, last_channel, customer, count(*) AS n, count(*) FILTER (hit) AS x FROM row GROUP BY ALL;

WITH total AS (
    SELECT metric, channel, last_channel, sum(x) AS hits, sum(n) AS rows, count(*) AS customers, hits / rows AS p,
        customers / (customers - 1) * (sum(x * x) - 2 * p * sum(x * n) + p * p * sum(n * n)) / (rows * rows) AS v
    FROM sold GROUP BY ALL),
rate AS (
    SELECT *, CASE WHEN p IN (0, 1) THEN customers ELSE least(rows, p * (1 - p) / v) END AS effective, 1.959963984540054 AS z,
        z * sqrt(p * (1 - p) / effective + z * z / (4 * effective * effective)) AS half
    FROM total)
SELECT metric, NULL AS class, channel, last_channel, 'rate' AS statistic, p AS value, hits AS numerator, rows AS n,
    (p + z * z / (2 * effective) - half) / (1 + z * z / effective) AS low,
    (p + z * z / (2 * effective) + half) / (1 + z * z / effective) AS high
FROM rate
UNION ALL BY NAME
SELECT 'conversion_by_channel.contacts' AS metric, channel, 'count' AS statistic, count(*) AS n, n AS value FROM contact GROUP BY channel
UNION ALL BY NAME
SELECT 'opportunities' AS metric, 'count' AS statistic, count(*) AS n, n AS value FROM opportunity;
