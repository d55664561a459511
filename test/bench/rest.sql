-- Metrics of jtools-metrics(7) that metrics.sql has not, or has without bounds, with numerator, n and intervals, from the table record
-- and what facts.sql leaves beside its tables: run in one process with it. Needs the macros of bounds.sql.
CREATE OR REPLACE MACRO day() AS 24 * 3600000::BIGINT;
CREATE OR REPLACE MACRO week() AS 7 * day();
SET VARIABLE horizon = (
    SELECT max(epoch_ms(time) + CASE WHEN type = 'call' THEN round(coalesce(duration, 0) * 1000)::BIGINT ELSE 0 END) FROM record);

-- All records, each with its customer and the contact that it is in: its own, else the latest one of its session.
CREATE OR REPLACE TEMP TABLE told AS
WITH placed AS (SELECT row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos, reason, score, scale, sentiment, signals,
    action, due, actor, verdict, inputs, purpose, consent_channel FROM record),
begin AS (SELECT customer, source, session, contact FROM word WHERE pos = contact)
SELECT said.*, placed.* EXCLUDE (pos), coalesce(word.contact, attached.contact, begin.contact) AS contact
FROM said JOIN placed USING (pos) LEFT JOIN word USING (pos) LEFT JOIN attached USING (pos)
    ASOF LEFT JOIN begin ON begin.customer = said.customer AND begin.source = said.source
        AND begin.session IS NOT DISTINCT FROM said.session AND begin.contact <= said.pos;

CREATE OR REPLACE TEMP TABLE fate AS
WITH spoken AS (
    SELECT word.*, conversation.hers AS begun, reason
    FROM word JOIN conversation USING (contact) JOIN (SELECT pos, reason FROM told) USING (pos)),
own AS (
    SELECT contact, bool_or(spoken.bot AND (ours OR answered)) AS bot, bool_or(NOT spoken.bot AND (ours OR answered)) AS human,
        arg_max(reason, pos) FILTER (call AND inbound) AS outcome,
        min(said_at) FILTER (NOT spoken.bot AND (answered OR (ours AND service AND NOT call))) AS person
    FROM spoken GROUP BY contact),
-- Our words for service in contacts that we began follow, and answer where they are of a person: the earliest of those behind.
later AS (
    SELECT customer, pos, min(said_at) OVER behind AS followed, min(said_at) FILTER (NOT bot) OVER behind AS answered
    FROM spoken WHERE NOT begun AND (answered OR (ours AND service AND NOT call))
    WINDOW behind AS (PARTITION BY customer ORDER BY pos ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING))
SELECT own.* EXCLUDE person, contact.* EXCLUDE contact, follow.followed, own_answer, least(own.person, answer.answered) AS answered_human,
    EXISTS (SELECT 1 FROM told WHERE told.contact = own.contact AND told.type = 'abandoned') AS gave_up
FROM own JOIN contact USING (contact) JOIN (SELECT contact, last, own_answer FROM conversation) AS c USING (contact)
    ASOF LEFT JOIN later AS follow ON follow.customer = contact.customer AND follow.pos > c.last
    ASOF LEFT JOIN later AS answer ON answer.customer = contact.customer AND answer.pos > own.contact;

CREATE OR REPLACE TEMP TABLE feeling AS
SELECT contact, bool_or(coalesce(list_contains(signals, 'frustration'), false)) AS frustration,
    bool_or(coalesce(list_contains(signals, 'churn'), false)) AS churn, sum(sentiment) AS felt, count(sentiment) AS feelings
FROM told WHERE inbound AND actor = 'customer' GROUP BY contact;

CREATE OR REPLACE TEMP TABLE first AS
SELECT *, coalesce(first_closed <= first_ended + week(), false) AS closed_soon,
    first_ours_last AND NOT first_asks_last AND coalesce(first_next_in - first_ended > day(), true) AS presumed,
    coalesce(later_started > first_ended + week(), true) AND transfers = 0 AND escalations = 0 AS lasts
FROM issue WHERE hers AND first_handled AND known AND first_ended + week() <= getvariable('horizon');

-- Decisions on the same action that had read the same. Each group stands for itself.
CREATE OR REPLACE TEMP TABLE ruling AS
WITH verdict AS (
    SELECT action, inputs, verdict, count(*) AS n
    FROM told WHERE type = 'decision.made' AND action IS NOT NULL AND inputs IS NOT NULL GROUP BY ALL)
SELECT action, inputs, sum(n) AS decisions, count(verdict) AS verdicts, sum(n) FILTER (verdict IS NOT NULL) AS judged,
    judged * (judged - 1) / 2 AS pairs, pairs - coalesce(sum(n * (n - 1) / 2) FILTER (verdict IS NOT NULL), 0) AS contradicting
FROM verdict GROUP BY action, inputs HAVING decisions >= 2;

CREATE OR REPLACE TEMP TABLE marketing AS
SELECT m.customer, coalesce(c.type = 'consent.granted', false) AS consent, strftime(make_timestamp(m.t * 1000), '%H:%M') AS hour
FROM (SELECT * FROM told WHERE outbound AND type IN ('message', 'call') AND purpose = 'marketing') AS m
    LEFT JOIN LATERAL (
        SELECT type FROM told WHERE type IN ('consent.granted', 'consent.revoked') AND told.customer = m.customer
            AND told.purpose = m.purpose AND coalesce(told.consent_channel = m.channel, true) AND told.pos < m.pos
        ORDER BY pos DESC LIMIT 1) AS c ON true;

CREATE OR REPLACE TEMP TABLE again AS
WITH row AS (
    SELECT 'handoff_rate' AS metric, NULL AS class, 'rate' AS statistic, customer, coalesce(handoffs > 0, false) AS hit
    FROM contact LEFT JOIN (SELECT contact, count(*) FILTER (kind = 2) AS handoffs FROM move GROUP BY contact) USING (contact) WHERE handled
    UNION ALL SELECT 'no_follow_up_rate', NULL, 'rate', customer, NOT ours_last AND coalesce(followed > ended + day(), true)
    FROM fate WHERE hers AND ended + day() <= getvariable('horizon')
    UNION ALL SELECT 'service_level', class, 'rate', customer,
        coalesce(answered_any - started <= CASE class WHEN 'live' THEN 20000 ELSE 3600000 END, false) FROM fate WHERE hers AND wait_known
    UNION ALL SELECT 'first_response_time.human', class, 'unanswered', customer, answered_human IS NULL
    FROM fate WHERE hers AND first_in IS NOT NULL AND wait_known
    UNION ALL SELECT 'contact_abandonment_rate', NULL, 'rate', customer, outcome = 'abandoned_queue'
    FROM fate WHERE outcome IN ('abandoned_queue', 'answered', 'voicemail')
    UNION ALL SELECT 'contact_abandonment_rate.menu', NULL, 'rate', customer, outcome = 'abandoned_ivr' FROM fate WHERE outcome IS NOT NULL
    UNION ALL SELECT 'containment_rate', NULL, 'rate', customer, NOT human AND NOT gave_up FROM fate WHERE bot
    UNION ALL SELECT 'containment_rate.abandoned', NULL, 'rate', customer, gave_up FROM fate WHERE bot
    UNION ALL SELECT 'containment_rate.durable', NULL, 'rate', customer,
        NOT human AND NOT gave_up AND coalesce(next_matter_started > ended + week(), true)
    FROM fate WHERE bot AND known AND ended + week() <= getvariable('horizon')
    UNION ALL SELECT 'frustration_rate', NULL, 'rate', customer, coalesce(frustration, false) FROM contact LEFT JOIN feeling USING (contact)
    UNION ALL SELECT 'churn_signal_rate', NULL, 'rate', customer, coalesce(churn, false) FROM contact LEFT JOIN feeling USING (contact)
    UNION ALL SELECT 'durable_resolution_rate.explicit', NULL, 'rate', customer, lasts FROM first WHERE closed_soon
    UNION ALL SELECT 'durable_resolution_rate.presumed', NULL, 'rate', customer, lasts FROM first WHERE closed_soon OR presumed
    UNION ALL SELECT 'contradiction_rate', NULL, 'rate', NULL, verdicts >= 2 FROM ruling
    UNION ALL SELECT 'consent_violation_rate', NULL, 'rate', customer, NOT consent OR hour >= '21:00' OR hour < '08:00' FROM marketing
    UNION ALL SELECT 'consent_violation_rate.without_consent', NULL, 'rate', customer, NOT consent FROM marketing
    UNION ALL SELECT 'csat5', NULL, 'rate', customer, score >= 4 FROM told WHERE scale = 'csat5' AND score IS NOT NULL
    UNION ALL SELECT 'ces7_agree', NULL, 'rate', customer, score >= 5 FROM told WHERE scale = 'ces7' AND score IS NOT NULL
    UNION ALL SELECT 'commitments_kept_rate', NULL, 'rate', m.customer, EXISTS (SELECT 1 FROM told AS k WHERE k.type = 'commitment.kept'
        AND k.customer = m.customer AND k.action = m.action AND k.pos > m.pos AND k.t <= epoch_ms(m.due::TIMESTAMP))
    FROM told AS m WHERE m.type = 'commitment.made' AND epoch_ms(m.due::TIMESTAMP) <= getvariable('horizon'))
SELECT metric, class, statistic, customer, count(*) AS n, count(*) FILTER (hit) AS x FROM row GROUP BY ALL;

-- Values and weights: of means, and of net shares.
CREATE OR REPLACE TEMP TABLE measured AS
SELECT scale AS metric, 'mean' AS statistic, false AS share, customer, score AS y, 1 AS w
FROM told WHERE scale IN ('csat5', 'nps', 'ces7') AND score IS NOT NULL
UNION ALL SELECT 'nps', 'net', true, customer, (score >= 9)::INT - (score <= 6)::INT, 1
FROM told WHERE scale = 'nps' AND score IS NOT NULL
UNION ALL SELECT 'ces7_net', 'net', true, customer, (score >= 6)::INT - (score <= 3)::INT, 1
FROM told WHERE scale = 'ces7' AND score IS NOT NULL
UNION ALL SELECT 'sentiment', 'mean', false, customer, felt, feelings FROM contact JOIN feeling USING (contact) WHERE feelings > 0
UNION ALL SELECT 'contradiction_rate.pairs', 'mean', true, row_number() OVER (), contradicting, pairs FROM ruling WHERE pairs > 0;

CREATE OR REPLACE TEMP TABLE amount AS
SELECT unnest(['first_response_time.any', 'first_response_time.human']) AS metric, class,
    unnest([answered_any - started, answered_human - started]) / 1000 AS value
FROM fate WHERE hers AND first_in IS NOT NULL AND wait_known
UNION ALL SELECT 'wait_time', class, (own_answer - started) / 1000 FROM fate WHERE hers AND wait_known
UNION ALL SELECT 'handle_time', class, (ended - own_answer) / 1000 FROM fate WHERE hers AND wait_known AND ended >= own_answer
UNION ALL SELECT 'resolution_time', class, (closed_last - started) / 1000
FROM (SELECT issue, max(t) AS closed_last FROM act JOIN issue_of USING (contact) WHERE closes GROUP BY issue)
    JOIN (SELECT issue, min(started) AS started FROM contact GROUP BY issue) USING (issue)
    JOIN (SELECT contact AS issue, class FROM contact) USING (issue)
UNION ALL SELECT 'effort', NULL, her_contacts + coalesce(switches, 0) + coalesce(moves, 0)
FROM (SELECT issue, count(*) FILTER (hers) AS her_contacts, any_value(known) AS known FROM contact GROUP BY issue)
    JOIN (SELECT contact AS issue FROM contact) USING (issue)
    LEFT JOIN (SELECT issue, count(*) AS switches FROM switch GROUP BY issue) USING (issue)
    LEFT JOIN (SELECT issue, count(*) AS moves FROM move GROUP BY issue) USING (issue)
WHERE known;

FROM rates('again')
UNION ALL BY NAME
FROM ratios('measured')
UNION ALL BY NAME
FROM distributions('amount');
