-- Metrics of jtools-metrics(7) about selling, with numerator, n and intervals, from the table record and what facts.sql leaves beside
-- its tables: run in one process with it. Needs the macros of bounds.sql. The intents that are commercial are those of the shipped
-- ontology.
CREATE OR REPLACE MACRO commercial(intent) AS intent IN ('upgrade.plan', 'upgrade.renewal', 'quote.discount', 'quote.request',
    'quote.price', 'purchase.problem', 'purchase.payment', 'purchase.buy', 'information.availability', 'information.product');
CREATE OR REPLACE MACRO day() AS 24 * 3600000::BIGINT;
CREATE OR REPLACE MACRO month() AS 30 * day();
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

-- Words of both sides, closes and openings of these issues. Of her call that is answered, hers is when it begins, and ours the rest.
CREATE OR REPLACE TEMP TABLE point AS
WITH spoken AS (
    SELECT issue, pos, t, t_end, said_at AS taken, answered, courtesy, inbound, ours AND NOT call OR answered AS our_word
    FROM word JOIN issue_of USING (contact) SEMI JOIN selling USING (issue))
SELECT issue, taken AS t, t_end, pos, 2 AS rank, 'ours' AS kind FROM spoken WHERE our_word
UNION ALL SELECT issue, t, CASE WHEN answered THEN t ELSE t_end END, pos, 1, 'hers' FROM spoken WHERE inbound AND NOT courtesy
UNION ALL SELECT issue, t, t, pos, 3, CASE WHEN closes THEN 'close' ELSE 'open' END
FROM act JOIN issue_of USING (contact) SEMI JOIN selling USING (issue)
UNION ALL SELECT issue, started, started, contact, 0, 'open' FROM contact SEMI JOIN selling USING (issue) WHERE hers;

-- After each of them: whose words wait for the other side's, and since when; and since when nobody spoke.
CREATE OR REPLACE TEMP TABLE state AS
WITH last AS (
    SELECT *, CASE WHEN kind IN ('ours', 'hers') THEN kind END AS side,
        coalesce(last_value(CASE WHEN kind IN ('open', 'close') THEN kind END IGNORE NULLS) OVER so_far, 'open') AS standing,
        last_value(CASE WHEN kind IN ('ours', 'hers') THEN kind END IGNORE NULLS) OVER so_far AS who,
        lead(t) OVER so_far AS next, max(CASE WHEN kind IN ('ours', 'hers') THEN t_end END) OVER so_far AS quiet
    FROM point WINDOW so_far AS (PARTITION BY issue ORDER BY t, pos, rank)),
turned AS (
    SELECT *, side IS NOT NULL AND who IS DISTINCT FROM lag(who) OVER so_far AS turns,
        standing = 'open' AND lag(standing) OVER so_far = 'close' AS reopens
    FROM last WINDOW so_far AS (PARTITION BY issue ORDER BY t, pos, rank))
SELECT *, greatest(last_value(CASE WHEN turns THEN t_end END IGNORE NULLS) OVER so_far,
        coalesce(last_value(CASE WHEN reopens THEN t END IGNORE NULLS) OVER so_far, 0)) AS since
FROM turned WINDOW so_far AS (PARTITION BY issue ORDER BY t, pos, rank);

CREATE OR REPLACE TEMP TABLE lapse AS
WITH waited AS (
    SELECT issue, max(coalesce(next, getvariable('horizon') + 1) - since) FILTER (who = 'hers') AS she_waited,
        max(coalesce(next, getvariable('horizon') + 1) - since) FILTER (who = 'ours') AS we_waited,
        min(since + 2 * day()) FILTER (who = 'hers' AND next - since > 2 * day()) AS stalled
    FROM state WHERE standing = 'open' GROUP BY issue),
silent AS (
    SELECT issue, max(least(coalesce(next, won, getvariable('horizon') + 1), coalesce(won, getvariable('horizon') + 1)) - quiet)
            FILTER (coalesce(state.t <= won, true)) AS silence,
        min(quiet + month()) FILTER (least(next, won) - quiet > month()) AS lapsed
    FROM state JOIN opportunity USING (issue) GROUP BY issue)
SELECT opportunity.*, coalesce(she_waited > 2 * day(), false) AS stalls, coalesce(we_waited > 2 * day(), false) AS awaits,
    coalesce(silence > month(), false) AS abandoned, least(stalled, lapsed) AS lapsed, EXISTS (
        SELECT 1 FROM bought JOIN point USING (issue) WHERE bought.issue = opportunity.issue AND point.kind = 'ours'
            AND point.t > least(stalled, lapsed) AND bought.t >= point.t AND bought.t - point.t <= month()) AS recovers
FROM opportunity LEFT JOIN waited USING (issue) LEFT JOIN silent USING (issue);

CREATE OR REPLACE TEMP TABLE sold AS
WITH mature AS (SELECT *, won IS NOT NULL AS hit FROM lapse WHERE known AND ended + month() <= getvariable('horizon')),
row AS (
    SELECT 'conversion' AS metric, NULL AS channel, NULL AS last_channel, customer, hit FROM mature
    UNION ALL SELECT 'stalled_lead_rate', NULL, NULL, customer, stalls FROM lapse
    WHERE known AND ended + 2 * day() <= getvariable('horizon')
    UNION ALL SELECT 'stalled_lead_rate.awaiting_customer', NULL, NULL, customer, awaits FROM lapse
    WHERE known AND ended + 2 * day() <= getvariable('horizon')
    UNION ALL SELECT 'opportunity_abandonment_rate', NULL, NULL, customer, abandoned FROM mature
    UNION ALL SELECT 'recovered_rate', NULL, NULL, customer, recovers FROM mature WHERE stalls OR abandoned
    UNION ALL SELECT 'conversion_by_channel.first', channel, NULL, customer, hit FROM mature
    UNION ALL SELECT 'conversion_by_channel.last', NULL, last_channel, customer, hit FROM mature
    UNION ALL SELECT 'conversion_by_channel.any', unnest(channels), NULL, customer, hit FROM mature)
SELECT metric, channel, last_channel, 'rate' AS statistic, customer, count(*) AS n, count(*) FILTER (hit) AS x FROM row GROUP BY ALL;

FROM rates('sold')
UNION ALL BY NAME
SELECT 'conversion_by_channel.contacts' AS metric, channel, 'count' AS statistic, count(*) AS n, n AS value FROM contact GROUP BY channel
UNION ALL BY NAME
SELECT 'opportunities' AS metric, 'count' AS statistic, count(*) AS n, n AS value FROM opportunity HAVING n > 0;
