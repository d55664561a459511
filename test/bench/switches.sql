-- Metrics of jtools-metrics(7) that metrics.sql and rest.sql have not: what travels with her, useful answers, marketing, stages. With
-- numerator, n and intervals, from the table record and what facts.sql leaves beside its tables: run in one process with it. Needs the
-- macros of bounds.sql. Stages, and what intents require, are read from the folder $ontology. Of jgen's entities the e-mail address and
-- the document say who she is.
CREATE OR REPLACE MACRO day() AS 24 * 3600000::BIGINT;
CREATE OR REPLACE MACRO week() AS 7 * day();
CREATE OR REPLACE MACRO who(entity) AS entity IN ('email', 'document');
SET VARIABLE horizon = (
    SELECT max(epoch_ms(time) + CASE WHEN type = 'call' THEN round(coalesce(duration, 0) * 1000)::BIGINT ELSE 0 END) FROM record);

CREATE OR REPLACE TEMP TABLE detail AS
SELECT row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos, json_keys(entities) AS gives, asks AS wants,
    coalesce(intent LIKE 'courtesy.%', false) AS acknowledges,
    purpose, context, stage
FROM record;

-- What anybody named, and what we asked for: known by then where it had been named on the matter, or anywhere where it says who she is.
CREATE OR REPLACE TEMP TABLE given AS
SELECT conversation.customer, issue, conversation.family, {at_time: said_at, pos: pos} AS spoken, unnest(gives) AS entity
FROM (SELECT contact, pos, said_at FROM word UNION ALL SELECT contact, pos, said_at FROM attached)
    JOIN detail USING (pos) JOIN conversation USING (contact) JOIN issue_of USING (contact);
CREATE OR REPLACE TEMP TABLE wanted AS
WITH want AS (
    SELECT word.customer, contact, issue, conversation.family, pos, {at_time: said_at, pos: pos} AS spoken, unnest(wants) AS entity
    FROM word JOIN detail USING (pos) JOIN conversation USING (contact) JOIN issue_of USING (contact) WHERE word.ours)
SELECT contact, pos, who(entity) AS who, EXISTS (
    SELECT 1 FROM given WHERE given.customer = want.customer AND given.entity = want.entity AND given.spoken < want.spoken
        AND (given.issue = want.issue OR given.family = want.family OR who(given.entity))) AS known
FROM want;

-- The change of channel from the contact before on the matter. The log had joined both where a way leads from an identifier of the
-- first one's session to one of the second's over records up to our first word in the second, else up to its end.
CREATE OR REPLACE TEMP TABLE change AS
WITH spoke AS (
    SELECT contact, min(said_at) AS spoke FROM word WHERE ours OR answered GROUP BY contact)
SELECT switch.contact, contact.before, contact.customer, coalesce(spoke, ended) AS until
FROM switch JOIN contact USING (contact) LEFT JOIN spoke USING (contact);

CREATE OR REPLACE TEMP TABLE joined AS
WITH RECURSIVE called AS (
    SELECT DISTINCT change.contact, talk.contact = change.contact AS second, unnest(names) AS name
    FROM change JOIN conversation AS talk ON talk.contact IN (change.contact, before)
        JOIN event ON event.source = talk.source AND event.session IS NOT DISTINCT FROM talk.session AND t <= until),
named AS (SELECT pos, t, names[1] AS first, unnest(names) AS name FROM event),
edge AS (
    SELECT change.contact, first, name
    FROM named JOIN person USING (name) JOIN change ON change.customer = person.customer AND t <= until WHERE first <> name),
link AS (SELECT contact, first AS a, name AS b FROM edge UNION SELECT contact, name, first FROM edge),
reached(contact, name) AS (
    SELECT contact, name FROM called WHERE NOT second
    UNION
    SELECT link.contact, link.b FROM reached JOIN link ON link.contact = reached.contact AND link.a = reached.name)
SELECT DISTINCT contact FROM reached JOIN called USING (contact, name) WHERE second;

-- Her contacts and our first answer that says more than a courtesy and asks for more than what is known: in them, or in a contact that
-- we began later.
CREATE OR REPLACE TEMP TABLE response AS
WITH useful AS (
    SELECT word.customer, contact, conversation.hers, pos, said_at
    FROM word JOIN conversation USING (contact) JOIN detail USING (pos)
        LEFT JOIN (SELECT pos, bool_and(known) AS known FROM wanted GROUP BY pos) USING (pos)
    WHERE answered OR (ours AND service AND NOT call AND NOT acknowledges AND NOT coalesce(known, false))),
own AS (SELECT contact, min(said_at) AS answered FROM useful GROUP BY contact),
later AS (
    SELECT customer, pos, min(said_at) OVER (PARTITION BY customer ORDER BY pos ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS answered
    FROM useful WHERE NOT hers)
SELECT 'first_response_time.useful' AS metric, contact.contact, contact.customer, contact.started, class,
    (least(own.answered, later.answered) - started) / 1000 AS value
FROM contact LEFT JOIN own USING (contact) ASOF LEFT JOIN later ON later.customer = contact.customer AND later.pos > contact.contact
WHERE contact.hers AND first_in IS NOT NULL AND wait_known;

-- What a handoff needs, and what its context has of it.
CREATE OR REPLACE TEMP TABLE requirement AS
WITH line AS (
    SELECT generate_subscripts(lines, 1) AS number, unnest(lines) AS line
    FROM (SELECT string_split(content, chr(10)) AS lines FROM read_text(getvariable('ontology') || '/intents.yaml'))),
intents AS (
    SELECT last_value(nullif(regexp_extract(line, '^  - id: (\S+)', 1), '') IGNORE NULLS) OVER (ORDER BY number) AS intent,
        regexp_extract(line, '^    requires: \[(.*)\]', 1) AS list
    FROM line)
SELECT intent, unnest(string_split(list, ', ')) AS entity FROM intents WHERE list <> '';
CREATE OR REPLACE TEMP TABLE handed AS
WITH handoff AS (
    SELECT said.pos, said.customer, contact, context FROM said JOIN detail USING (pos) LEFT JOIN attached USING (pos)
    WHERE said.type = 'handoff'),
-- The intent of the contact so far: of the first of her words that has one with a family.
said_by_then AS (
    SELECT handoff.pos, arg_min(word.intent, (word.intent NOT LIKE '%.%', word.pos)) AS intent
    FROM handoff JOIN word ON word.contact = handoff.contact AND word.pos < handoff.pos
    WHERE word.hers AND word.intent NOT LIKE 'courtesy.%' GROUP BY handoff.pos),
part AS (
    SELECT pos, unnest([json_exists(context, '$.customer'), json_exists(context, '$.history') OR json_exists(context, '$.summary'),
        json_exists(context, '$.consent')]) AS there FROM handoff
    UNION ALL SELECT pos, json_exists(context, '$.intent') FROM handoff JOIN said_by_then USING (pos)
    UNION ALL SELECT pos, bool_and(json_exists(context, '$.entities.' || entity))
    FROM handoff JOIN said_by_then USING (pos) JOIN requirement USING (intent) GROUP BY pos)
SELECT pos, any_value(customer) AS customer, count(*) AS needed, count(*) FILTER (there) AS parts
FROM handoff JOIN part USING (pos) GROUP BY pos;

-- Messages for marketing, whoever sent them: whether an issue in which she speaks was open, and when the one before was sent. A word
-- that begins a contact and resolves leaves it closed.
CREATE OR REPLACE TEMP TABLE pushed AS
WITH sent AS (
    SELECT pos, customer, t - lag(t) OVER (PARTITION BY customer ORDER BY pos) AS since
    FROM said JOIN detail USING (pos) WHERE outbound AND type IN ('message', 'call') AND purpose = 'marketing'),
-- Open from its beginning, where she speaks in it at all.
hers AS (SELECT DISTINCT issue FROM word JOIN issue_of USING (contact) WHERE word.inbound),
turn AS (
    SELECT issue, pos, NOT closes AS opens FROM act JOIN issue_of USING (contact)
    UNION ALL SELECT issue, contact, true FROM contact WHERE contact.hers OR contact = issue),
state AS (
    SELECT sent.pos, turn.issue, arg_max(opens, (turn.pos, NOT opens)) AS open
    FROM sent JOIN contact ON contact.customer = sent.customer AND contact.contact = contact.issue JOIN turn ON turn.issue = contact.issue
        JOIN hers ON hers.issue = turn.issue
    WHERE turn.pos < sent.pos GROUP BY sent.pos, turn.issue)
SELECT pos, customer, coalesce(since <= day(), false) OR pos IN (SELECT pos FROM state WHERE open) AS amiss FROM sent;

-- Stages reached, each behind all that come before it.
CREATE OR REPLACE TEMP TABLE reached AS
WITH RECURSIVE ladder AS (
    SELECT unnest(stages) AS stage, generate_subscripts(stages, 1) AS step
    FROM (SELECT regexp_extract_all(content, '\{id: ([a-z_]+),', 1) AS stages
        FROM read_text(getvariable('ontology') || '/stages.yaml'))),
told AS (
    SELECT customer, pos, t, step, stage
    FROM said JOIN detail USING (pos) JOIN ladder USING (stage) WHERE type = 'stage.changed'),
climb AS (
    SELECT customer, 1 AS step, min(pos) AS pos FROM told WHERE step = 1 GROUP BY customer
    UNION ALL
    SELECT told.customer, told.step, min(told.pos)
    FROM climb JOIN told ON told.customer = climb.customer AND told.step = climb.step + 1 AND told.pos > climb.pos
    GROUP BY told.customer, told.step)
SELECT customer, stage, t - first_value(t) OVER upwards AS since, lead(t) OVER upwards - first_value(t) OVER upwards AS next_since
FROM climb JOIN told USING (customer, step, pos) WINDOW upwards AS (PARTITION BY customer ORDER BY step);

CREATE OR REPLACE TEMP TABLE hit AS
WITH asked AS (SELECT contact, bool_or(who) AS who, bool_or(known) AS known FROM wanted GROUP BY contact),
away AS (SELECT change.before AS contact, min(started) AS switched FROM change JOIN contact USING (contact) GROUP BY change.before),
fate AS (
    SELECT contact.customer, coalesce(closed <= ended + week(), false) AS closed_soon,
        ours_last AND NOT coalesce(asks_last, false) AND coalesce(next_in - ended > day(), true) AS presumed,
        contact IN (SELECT contact FROM joined) AND NOT coalesce(who, false) AND NOT coalesce(asked.known, false)
            AND coalesce(switched > ended + week(), true) AND coalesce(next_matter_started > ended + week(), true) AS smooth
    FROM change JOIN contact USING (contact) LEFT JOIN asked USING (contact) LEFT JOIN away USING (contact)
    WHERE contact.known AND ended + week() <= getvariable('horizon')),
row AS (
    SELECT 'channel_switch_success.explicit' AS metric, NULL AS class, NULL AS stage, 'rate' AS statistic, customer,
        smooth AND closed_soon AS hit
    FROM fate
    UNION ALL SELECT 'channel_switch_success.presumed', NULL, NULL, 'rate', customer, smooth AND (closed_soon OR presumed) FROM fate
    UNION ALL SELECT metric, class, NULL, 'unanswered', customer, value IS NULL FROM response
    UNION ALL SELECT 'handoff_completeness.complete', NULL, NULL, 'rate', customer, parts = needed FROM handed
    UNION ALL SELECT 'out_of_context_outbound_rate', NULL, NULL, 'rate', customer, amiss FROM pushed
    UNION ALL SELECT 'funnel.continued', NULL, stage, 'rate', customer, coalesce(next_since <= 30 * day(), false)
    FROM reached WHERE since <= 30 * day())
SELECT metric, class, stage, statistic, customer, count(*) AS n, count(*) FILTER (hit) AS x FROM row GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE completeness AS
SELECT 'handoff_completeness' AS metric, 'mean' AS statistic, true AS share, customer, parts / needed AS y, 1 AS w FROM handed;

FROM rates('hit')
UNION ALL BY NAME
FROM distributions('response')
UNION ALL BY NAME
FROM ratios('completeness')
UNION ALL BY NAME
SELECT 'funnel' AS metric, stage, 'count' AS statistic, count(*) AS n, n AS value FROM reached WHERE since <= 30 * day() GROUP BY stage;
