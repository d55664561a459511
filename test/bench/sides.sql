-- What --compare says of two sides (jtools-metrics(7)): January beside February of 2026, live beside asynchronous; and the
-- estimate of Kaplan and Meier that --censored gives. Differences are linearised over the customers of both sides; of rulings, which
-- stand for themselves, Newcombe's. From what facts.sql, bounds.sql, rest.sql and dimensions.sql leave: run in one process with them.
CREATE OR REPLACE MACRO month_of(began) AS strftime(make_timestamp(began * 1000), '%Y-%m');

-- Rows with their value and weight.
CREATE OR REPLACE TEMP TABLE seen AS
WITH came AS (
    SELECT *, next_started - ended <= week() AS soon, next_channel IS NOT DISTINCT FROM channel AS same
    FROM contact WHERE hers AND known AND ended + week() <= getvariable('horizon')),
matter AS (SELECT issue.*, contact.class FROM issue JOIN contact ON contact.contact = issue.issue),
waited AS (SELECT * FROM contact WHERE hers AND first_in IS NOT NULL AND wait_known),
row AS (
    SELECT unnest(['repeat_contact_rate', 'repeat_contact_rate.any_intent', 'repeat_contact_rate.same_channel',
            'repeat_contact_rate.other_channel', 'repeat_contact_rate.overlapping']) AS metric, 'rate' AS statistic, '' AS part,
        started, class, customer, coalesce(unnest([next_matter AND soon, soon, next_matter AND soon AND same,
            next_matter AND soon AND NOT same, next_matter AND next_started <= ended]), false)::INT AS y
    FROM came
    UNION ALL SELECT unnest(['escalation_rate', 'transfer_rate']), 'rate', '', started, class, customer,
        unnest([escalations > 0, transfers > 0])::INT FROM contact WHERE handled
    UNION ALL SELECT unnest(['reopen_rate', 'cross_channel_reopen_rate', 'reopen_rate.case_reopened']), 'rate', '', started, class,
        customer, coalesce(unnest([reopen_started <= closed + week(), reopen_started <= closed + week() AND reopen_channel_other,
            case_reopened <= closed + week()]), false)::INT
    FROM matter WHERE known AND closed + week() <= getvariable('horizon')
    UNION ALL SELECT 'channel_switch_rate', 'rate', '', started, class, customer, (switches > 0)::INT
    FROM matter WHERE known AND contacts >= 2
    UNION ALL SELECT unnest(['first_contact_resolution.explicit', 'first_contact_resolution.presumed']), 'rate', '', started, class,
        customer, unnest([closed_soon AND lasts, (closed_soon OR presumed) AND lasts])::INT
    FROM first JOIN (SELECT contact AS issue, class FROM contact) USING (issue)
    UNION ALL SELECT 'first_response_time.any', 'unanswered', class, started, class, customer, (answered_any IS NULL)::INT FROM waited
    UNION ALL SELECT 'first_response_time.any', 'mean', class, started, class, customer, (answered_any - started) / 1000
    FROM waited WHERE answered_any IS NOT NULL)
SELECT *, 1 AS w FROM row
UNION ALL SELECT 'sentiment', 'mean', '', started, class, customer, felt, feelings
FROM contact JOIN feeling USING (contact) WHERE feelings > 0
UNION ALL SELECT 'nps', 'net', '', told.t, class, told.customer, (score >= 9)::INT - (score <= 6)::INT, 1
FROM told LEFT JOIN contact USING (contact) WHERE scale = 'nps' AND score IS NOT NULL;

CREATE OR REPLACE TEMP TABLE sided AS
SELECT * EXCLUDE (class, started), 'month' AS sides, month_of(started) = '2026-02' AS b
FROM seen WHERE month_of(started) IN ('2026-01', '2026-02')
UNION ALL SELECT * EXCLUDE (class, started), 'class', class = 'asynchronous' FROM seen WHERE class IS NOT NULL;

CREATE OR REPLACE TEMP TABLE difference AS
WITH own AS (
    SELECT sides, metric, statistic, part, customer, coalesce(sum(y) FILTER (NOT b), 0) AS ya, coalesce(sum(w) FILTER (NOT b), 0) AS wa,
        coalesce(sum(y) FILTER (b), 0) AS yb, coalesce(sum(w) FILTER (b), 0) AS wb
    FROM sided GROUP BY ALL),
total AS (
    SELECT sides, metric, statistic, part, count(*) AS m, sum(own.wa) AS wa, sum(own.wb) AS wb,
        sum(own.ya) / sum(own.wa) AS ra, sum(own.yb) / sum(own.wb) AS rb
    FROM own GROUP BY ALL HAVING sum(own.wa) > 0 AND sum(own.wb) > 0),
deviation AS (
    SELECT sides, metric, statistic, part, sum(((yb - rb * own.wb) / total.wb - (ya - ra * own.wa) / total.wa) ^ 2) AS spread
    FROM own JOIN total USING (sides, metric, statistic, part) GROUP BY ALL)
SELECT total.* EXCLUDE (m, wa, wb), rb - ra AS d,
    CASE WHEN m > 1 AND spread > 1e-20 * (abs(ra) + abs(rb)) ^ 2 THEN t_within_95(m - 1) * sqrt(m / (m - 1) * spread) END AS half
FROM total JOIN deviation USING (sides, metric, statistic, part);

-- Wilson's interval of x of n.
CREATE OR REPLACE MACRO wilson(p, n, side) AS
    (p + 1.959963984540054 ^ 2 / (2 * n) + side * 1.959963984540054 * sqrt(p * (1 - p) / n + 1.959963984540054 ^ 2 / (4 * n * n)))
    / (1 + 1.959963984540054 ^ 2 / n);
CREATE OR REPLACE TEMP TABLE newcombe AS
WITH side AS (
    SELECT count(*) FILTER (agent_kind = 'human') AS na, count(*) FILTER (agent_kind = 'bot') AS nb,
        count(*) FILTER (agent_kind = 'human' AND verdicts >= 2) / na AS ra,
        count(*) FILTER (agent_kind = 'bot' AND verdicts >= 2) / nb AS rb
    FROM decided)
SELECT ra, rb, rb - ra AS d, d - sqrt((rb - wilson(rb, nb, -1)) ^ 2 + (wilson(ra, na, 1) - ra) ^ 2) AS low,
    d + sqrt((wilson(rb, nb, 1) - rb) ^ 2 + (ra - wilson(ra, na, -1)) ^ 2) AS high
FROM side WHERE na > 0 AND nb > 0;

-- Of rows (metric, event, seen): until the event, and until when they were seen.
CREATE OR REPLACE TEMP TABLE estimate AS
WITH row AS (
    SELECT unnest(['repeat_contact_rate', 'repeat_contact_rate.any_intent', 'repeat_contact_rate.same_channel',
            'repeat_contact_rate.other_channel']) AS metric, getvariable('horizon') - ended AS seen, CASE WHEN unnest([next_matter, true,
            next_matter AND same, next_matter AND NOT same]) THEN not_below(0, next_started - ended) END AS event
    FROM (SELECT *, next_channel IS NOT DISTINCT FROM channel AS same FROM contact) WHERE hers AND known
    UNION ALL SELECT unnest(['reopen_rate', 'reopen_rate.case_reopened']), getvariable('horizon') - closed,
        not_below(0, unnest([reopen_started, case_reopened]) - closed)
    FROM issue WHERE known AND closed IS NOT NULL),
time AS (SELECT metric, CASE WHEN event <= seen THEN event ELSE seen END AS t, coalesce(event <= seen, false) AS comes FROM row),
size AS (SELECT metric, count(*) AS n, max(t) AS longest FROM time GROUP BY metric),
moment AS (
    SELECT metric, t, sum(comes::INT) AS d, sum(count(*)) OVER (PARTITION BY metric ORDER BY t DESC) AS r
    FROM time GROUP BY metric, t),
curve AS (
    SELECT metric, product(1 - d / r) AS s, sum(CASE WHEN d < r THEN d / (r * (r - d)) END) AS v, sum(d) AS hits
    FROM moment WHERE t <= week() GROUP BY metric)
SELECT metric, 1 - coalesce(s, 1) AS value, coalesce(hits, 0) AS numerator, n,
    CASE WHEN s > 0 AND s < 1 THEN 1 - s ^ exp(-1.959963984540054 * sqrt(v) / abs(ln(s))) END AS low,
    CASE WHEN s > 0 AND s < 1 THEN 1 - s ^ exp(1.959963984540054 * sqrt(v) / abs(ln(s))) END AS high
FROM size LEFT JOIN curve USING (metric) WHERE longest >= week() OR s = 0;

SELECT sides, metric, part AS class, statistic, ra AS a, rb AS value, d AS difference,
    not_below(CASE statistic WHEN 'net' THEN -2 WHEN 'mean' THEN NULL ELSE -1 END, d - half) AS low,
    not_above(CASE statistic WHEN 'net' THEN 2 WHEN 'mean' THEN NULL ELSE 1 END, d + half) AS high
FROM difference
UNION ALL BY NAME SELECT 'agent_kind' AS sides, 'contradiction_rate' AS metric, 'rate' AS statistic, ra AS a, rb AS value,
    d AS difference, low, high FROM newcombe
UNION ALL BY NAME SELECT 'none' AS sides, metric, 'kaplan_meier' AS statistic, value, numerator, n, low, high FROM estimate;
