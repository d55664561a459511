-- Metrics of jtools-metrics(7) about what is asked again, with numerator, n and intervals, from the table record and what facts.sql
-- leaves beside its tables: run in one process with it. Needs the macros of bounds.sql. The intents that ask and the entities that say
-- who she is are those of the shipped ontology, which marks no verification mandatory.
CREATE OR REPLACE MACRO asks_something(intent) AS intent IN ('order.confirm', 'delivery.status', 'delivery.terms', 'return.policy',
    'refund.status', 'billing.due', 'technical.help', 'appointment.status', 'quote.discount', 'quote.price', 'purchase.payment',
    'information.hours', 'information.availability', 'information.product', 'information.contact');
CREATE OR REPLACE MACRO says_who(entity) AS entity IN ('email', 'phone', 'document', 'customer', 'name', 'birth_date');

-- All records, each with its customer and the contact that it is in, if any.
CREATE OR REPLACE TEMP TABLE content AS
WITH row AS (
    SELECT row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos, actor, text, entities, signals, asks AS asked, stage
    FROM record),
begin AS (SELECT customer, source, session, contact FROM word WHERE pos = contact)
SELECT said.*, row.* EXCLUDE (pos), coalesce(word.contact, attached.contact, begin.contact) AS contact
FROM said JOIN row USING (pos) LEFT JOIN word USING (pos) LEFT JOIN attached USING (pos)
    ASOF LEFT JOIN begin ON begin.customer = said.customer AND begin.source = said.source
        AND begin.session IS NOT DISTINCT FROM said.session AND begin.contact <= said.pos;

-- What anybody names, her values, and our requests, in the order in which they are said: in a call once it is answered.
CREATE OR REPLACE TEMP TABLE named AS
SELECT content.pos, {at_time: content.said_at, pos: content.pos} AS spoken,
    content.contact, content.customer, issue, family, entity.key AS entity, entity.value AS value,
    inbound AND coalesce(actor = 'customer', false) AS hers
FROM content JOIN contact USING (contact), json_each(entities) AS entity;
CREATE OR REPLACE TEMP TABLE given AS SELECT * FROM named WHERE hers;
CREATE OR REPLACE TEMP TABLE requested AS
SELECT content.pos, {at_time: content.said_at, pos: content.pos} AS spoken,
    content.contact, content.customer, issue, family, unnest(asked) AS entity
FROM content JOIN contact USING (contact) WHERE content.ours;

-- Questions of hers, and whether one of the same intent is in another contact of the issue before: of jgen's none ask by their text alone.
CREATE OR REPLACE TEMP TABLE question AS
SELECT pos, content.t, content.customer, content.contact, issue, known, text, entities,
    CASE WHEN asks_something(content.intent) THEN 'intent' ELSE 'text' END AS asked_by, content.intent
FROM content JOIN contact USING (contact)
WHERE content.type = 'message' AND content.hers AND NOT courtesy
    AND (coalesce(asks_something(content.intent), false) OR regexp_matches(rtrim(text, E' \t\r\n'), '[?？؟]$'));
CREATE OR REPLACE TEMP TABLE question_again AS
SELECT a.pos
FROM (SELECT *, row_number() OVER (PARTITION BY issue ORDER BY pos) AS number FROM question) AS a
    JOIN (SELECT *, row_number() OVER (PARTITION BY issue ORDER BY pos) AS number FROM question) AS b
        ON b.issue = a.issue AND b.pos < a.pos AND b.contact <> a.contact AND a.number - b.number <= 100
WHERE a.intent = b.intent
    AND NOT EXISTS (SELECT 1 FROM given AS x JOIN given AS y USING (entity) WHERE x.pos = a.pos AND y.pos = b.pos AND x.value <> y.value)
GROUP BY a.pos;

-- Switches and moves, a contact's switch before its moves, and what is repeated behind the last of them in the issue before it.
CREATE OR REPLACE TEMP TABLE handover AS
SELECT row_number() OVER () AS handover, * FROM (
    SELECT switch.issue, switch.customer, {at_time: word.t, pos: word.pos, rank: 0} AS place
    FROM switch JOIN word ON word.pos = switch.contact
    UNION ALL
    SELECT move.issue, customer, {at_time: place.at_time, pos: place.pos, rank: 1} FROM move JOIN contact USING (contact));
-- What we ask for may have been named by anybody; what she gives again, by her.
CREATE OR REPLACE TEMP TABLE information_again AS
WITH told_again AS (
    SELECT later.pos FROM (SELECT pos, spoken, customer, issue, family, entity, NULL AS value FROM requested
            UNION ALL SELECT pos, spoken, customer, issue, family, entity, value FROM given) AS later
        JOIN named ON named.customer = later.customer AND named.entity = later.entity AND named.spoken < later.spoken
            AND (says_who(named.entity) OR named.issue = later.issue OR coalesce(named.family = later.family, false))
            AND (later.value IS NULL OR (named.hers AND named.value = later.value))
    UNION
    SELECT pos FROM content WHERE inbound AND actor = 'customer' AND list_contains(signals, 'repeat')),
at_place AS (
    SELECT issue, {at_time: content.said_at, pos: content.pos, rank: 1} AS place
    FROM told_again JOIN content USING (pos) JOIN contact USING (contact))
SELECT DISTINCT handover
FROM at_place ASOF JOIN handover ON handover.issue = at_place.issue AND handover.place <= at_place.place;

CREATE OR REPLACE TEMP TABLE hit AS
WITH row AS (
    SELECT 'repeated_question_rate' AS metric, customer, count(question_again.pos) > 0 AS hit
    FROM question LEFT JOIN question_again USING (pos) WHERE known GROUP BY issue, customer
    UNION ALL
    SELECT 'repeat_information_rate', customer, information_again.handover IS NOT NULL
    FROM handover LEFT JOIN information_again USING (handover))
SELECT metric, 'rate' AS statistic, customer, count(*) AS n, count(*) FILTER (hit) AS x FROM row GROUP BY ALL;

WITH staged AS (
    SELECT question.*, stage.stage
    FROM question ASOF LEFT JOIN (SELECT customer, {t: t, pos: pos} AS place, stage FROM content WHERE stage IS NOT NULL) AS stage
        ON stage.customer = question.customer AND stage.place < {t: question.t + 1, pos: 0}
    WHERE asked_by = 'intent'),
recurring AS (
    SELECT stage, intent, count(*) AS questions, count(DISTINCT customer) AS customers, sum(questions) OVER () AS everything
    FROM staged GROUP BY stage, intent)
FROM rates('hit')
UNION ALL BY NAME
SELECT 'recurring_questions' AS metric, stage, intent, unnest(['count', 'customers', 'share']) AS statistic,
    unnest([questions, customers, questions / everything]) AS value, unnest([NULL, NULL, questions]) AS numerator,
    unnest([questions, questions, everything]) AS n
FROM recurring;
