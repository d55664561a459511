-- Builds from the table record what jproject builds from the log: the tables contact, issue and switch, by the rules of
-- jtools-facts(7) as far as jgen's records need them: their one placeholder is "unknown", and a session is on one channel. Times
-- are milliseconds; pos is a record's place in the order of events, and a contact goes by that of its first. What a record holds is
-- said at said_at: in a call once it is answered.
CREATE OR REPLACE MACRO hour() AS 3600000::BIGINT;

CREATE OR REPLACE TEMP TABLE event AS
SELECT pos, epoch_ms(time) AS t, source, session, channel, type, intent, "case" AS case_id, agent, "from" AS from_agent,
    coalesce(direction = 'in', false) AS inbound, coalesce(direction = 'out', false) AS outbound,
    coalesce(inbound AND actor = 'customer', false) AS hers, coalesce(outbound AND actor IN ('agent', 'bot'), false) AS ours,
    coalesce(actor = 'bot', false) AS bot, type = 'call' AS call, coalesce(call AND reason = 'answered', false) AS answered,
    coalesce(hers AND type = 'message' AND intent LIKE 'courtesy.%', false) AS courtesy,
    coalesce(purpose, 'service') = 'service' AS service,
    NOT inbound AND (coalesce(len(asks) > 0, false) OR coalesce(rtrim(text) LIKE '%?', false)) AS asks,
    t + CASE WHEN call THEN round(coalesce(duration, 0) * 1000)::BIGINT ELSE 0 END AS t_end, round(wait * 1000)::BIGINT AS wait,
    t + CASE WHEN answered THEN coalesce(round(wait * 1000)::BIGINT, 0) ELSE 0 END AS said_at,
    list_transform(list_filter(identifiers, lambda i: i.kind <> 'placeholder' AND i.value <> 'unknown'),
        lambda i: i.kind || ':' || CASE WHEN i.kind = 'crm' THEN source || ':' ELSE '' END || i.value) AS names
FROM record
    JOIN (SELECT rowid AS row, row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos FROM record) ON row = rowid;

-- Who is who: identifiers that one record names are one person, who goes by the first position of all.
CREATE OR REPLACE TEMP TABLE person AS
WITH RECURSIVE named AS (SELECT pos, names[1] AS first, unnest(names) AS name FROM event),
edge AS (SELECT DISTINCT first AS a, name AS b FROM named WHERE first <> name),
link AS (SELECT a, b FROM edge UNION ALL SELECT b, a FROM edge),
component(name, root) USING KEY (name) AS (
    SELECT name, min(pos) FROM named GROUP BY name
    UNION
    SELECT link.b, min(component.root)
    FROM component JOIN link ON link.a = component.name JOIN recurring.component AS old ON old.name = link.b
    WHERE component.root < old.root GROUP BY link.b)
SELECT name, root AS customer FROM component;

-- Records that name nobody are of whoever their session names before, else after; a session that names nobody is a customer.
CREATE OR REPLACE TEMP TABLE said AS
WITH named AS (
    SELECT event.* EXCLUDE names, customer, coalesce(session, names[1], 'alone ' || pos) AS place
    FROM event LEFT JOIN person ON person.name = names[1])
SELECT * EXCLUDE (customer, place),
    coalesce(last_value(customer IGNORE NULLS) OVER before, first_value(customer IGNORE NULLS) OVER after,
        -min(pos) OVER (PARTITION BY source, place)) AS customer
FROM named
WINDOW before AS (PARTITION BY source, place ORDER BY pos ROWS UNBOUNDED PRECEDING),
    after AS (PARTITION BY source, place ORDER BY pos ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING);

-- Words begin, extend and cut contacts. A courtesy of hers does where nothing was before it.
CREATE OR REPLACE TEMP TABLE word AS
WITH candidate AS (
    SELECT *, CASE WHEN channel IN ('voice', 'chat', 'video') THEN 'live' ELSE 'asynchronous' END AS class,
        outbound OR answered AS our_turn, min(pos) OVER (PARTITION BY customer) AS first
    FROM said
    WHERE CASE WHEN call THEN inbound OR (outbound AND answered)
        WHEN type IN ('message', 'lead') THEN hers OR ours ELSE type = 'visit' AND intent IS NOT NULL END),
follow AS (
    SELECT * EXCLUDE first, lag(our_turn) OVER lane AS ours_before, lag(asks) OVER lane AS asked,
        max(t_end) OVER (lane ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS end_before
    FROM candidate WHERE NOT courtesy OR pos = first
    WINDOW lane AS (PARTITION BY customer, source, session, channel ORDER BY pos)),
-- An answer to her never begins a contact; what she says after an explicit close always does.
silence AS (
    SELECT *, end_before IS NULL OR ((ours_before OR NOT outbound) AND t - end_before >
        CASE WHEN ours_before AND asked THEN 7 * 24 WHEN class = 'live' THEN 0.5 ELSE 24 END * hour()) AS silent
    FROM follow),
mark AS (
    SELECT customer, source, session, pos, type <> 'case.reopened' AS closes
    FROM said WHERE type IN ('case.closed', 'case.reopened', 'order.placed') OR (intent = 'resolved' AND hers AND NOT call)),
marked AS (
    SELECT silence.*, mark.pos AS mark, coalesce(mark.closes AND NOT outbound, false) AS closed
    FROM silence ASOF LEFT JOIN mark ON mark.customer = silence.customer AND mark.source = silence.source
        AND mark.session IS NOT DISTINCT FROM silence.session AND mark.pos < silence.pos),
begun AS (
    SELECT *, silent OR (closed AND count(*) FILTER (silent OR NOT outbound) OVER (
        PARTITION BY customer, source, session, channel, mark ORDER BY pos ROWS UNBOUNDED PRECEDING) = 1) AS begins
    FROM marked)
SELECT * EXCLUDE (ours_before, asked, end_before, silent, mark, closed, begins),
    max(pos) FILTER (begins) OVER (PARTITION BY customer, source, session, channel ORDER BY pos ROWS UNBOUNDED PRECEDING) AS contact
FROM begun;

-- All else attaches to its session's latest contact, else to the customer's latest: of its case, for a courtesy of any.
CREATE OR REPLACE TEMP TABLE attached AS
WITH begin AS (SELECT customer, source, session, contact FROM word WHERE pos = contact),
other AS (
    SELECT * FROM said ANTI JOIN word USING (pos)
    WHERE case_id IS NOT NULL OR intent IS NOT NULL OR type IN ('order.placed', 'escalated', 'handoff', 'transferred')
        OR starts_with(type, 'case.')),
in_session AS (
    SELECT other.*, begin.contact
    FROM other ASOF LEFT JOIN begin ON begin.customer = other.customer AND begin.source = other.source
        AND begin.session IS NOT DISTINCT FROM other.session AND begin.contact < other.pos),
of_case AS (SELECT customer, case_id, contact FROM word WHERE case_id IS NOT NULL
    UNION SELECT customer, case_id, contact FROM in_session WHERE case_id IS NOT NULL AND contact IS NOT NULL)
SELECT in_session.* EXCLUDE contact, CASE WHEN in_session.courtesy THEN latest.contact ELSE of_case.contact END AS contact
FROM in_session ASOF LEFT JOIN of_case ON of_case.customer = in_session.customer AND of_case.case_id = in_session.case_id
        AND of_case.contact < in_session.pos
    ASOF LEFT JOIN begin AS latest ON latest.customer = in_session.customer AND latest.contact < in_session.pos
WHERE in_session.contact IS NULL
UNION ALL BY NAME
SELECT * FROM in_session WHERE contact IS NOT NULL;

CREATE OR REPLACE TEMP TABLE conversation AS
WITH talk AS (
    SELECT contact, any_value(customer) AS customer, any_value(source) AS source, any_value(session) AS session,
        any_value(channel) AS channel, any_value(class) AS class, min(t) AS started, max(t_end) AS ended, max(pos) AS last,
        arg_min(NOT outbound, pos) AS hers, bool_or(ours OR answered) AS handled,
        arg_max(our_turn, pos) AS ours_last, arg_max(our_turn AND asks, pos) AS asks_last,
        min(t) FILTER (CASE WHEN call THEN inbound ELSE NOT ours END) AS first_in,
        NOT coalesce(arg_min(call AND inbound AND wait IS NULL, pos) FILTER (ours OR answered), false) AS wait_known,
        min(said_at) FILTER (answered OR (ours AND service AND NOT call)) AS own_answer
    FROM word GROUP BY contact),
label AS (
    SELECT contact, arg_min(case_id, pos) AS case_id, arg_min(split_part(intent, '.', 1), pos)
        FILTER (NOT outbound AND intent LIKE '%.%' AND intent NOT LIKE 'courtesy.%') AS family
    FROM (SELECT contact, pos, case_id, intent, outbound FROM word UNION ALL BY NAME
        SELECT contact, pos, case_id, intent, outbound FROM attached)
    GROUP BY contact),
-- Without a family, that of the session's contacts before, as long as no silence between them is longer than 72 hours.
follow AS (
    SELECT *, started - lag(ended) OVER place > 72 * hour() AS broken
    FROM talk JOIN label USING (contact) WINDOW place AS (PARTITION BY customer, source, session ORDER BY contact)),
runs AS (
    SELECT *, count(*) FILTER (broken) OVER place AS number
    FROM follow WINDOW place AS (PARTITION BY customer, source, session ORDER BY contact ROWS UNBOUNDED PRECEDING))
SELECT * EXCLUDE (broken, number, family), last_value(family IGNORE NULLS) OVER (
    PARTITION BY customer, source, session, number ORDER BY contact ROWS UNBOUNDED PRECEDING) AS family
FROM runs;

-- Issues. Along one family, silences of at most 30 days make an episode; a contact with a case is with the first of that case, and
-- the first case of an episode takes in the contacts before it; one without a case is with the last case before it in the episode.
CREATE OR REPLACE TEMP TABLE issue_of AS
WITH along AS (
    SELECT contact, customer, case_id, family, min(contact) OVER (PARTITION BY customer, case_id) AS case_first,
        started - max(ended) OVER (PARTITION BY customer, family ORDER BY contact
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > 30 * 24 * hour() AS broken
    FROM conversation),
episode AS (
    SELECT *, CASE WHEN family IS NULL THEN contact ELSE count(*) FILTER (broken) OVER (
        PARTITION BY customer, family ORDER BY contact ROWS UNBOUNDED PRECEDING) END AS number
    FROM along),
placed AS (
    SELECT *, first_value(contact) OVER so_far AS lead, first_value(case_id) OVER so_far IS NULL AS caseless,
        max(contact) FILTER (case_id IS NOT NULL) OVER so_far AS case_before,
        count(*) FILTER (case_id IS NOT NULL AND contact = case_first) OVER so_far AS cases
    FROM episode
    WINDOW so_far AS (PARTITION BY customer, family, number ORDER BY contact ROWS UNBOUNDED PRECEDING)),
parent AS (
    SELECT contact, CASE WHEN case_id IS NULL THEN coalesce(case_before, lead) WHEN contact <> case_first THEN case_first
        WHEN caseless AND cases = 1 THEN lead ELSE contact END AS up
    FROM placed)
SELECT a.contact, c.up AS issue FROM parent AS a JOIN parent AS b ON b.contact = a.up JOIN parent AS c ON c.contact = b.up;

-- Explicit closes, and openings after them.
CREATE OR REPLACE TEMP TABLE act AS
SELECT contact, pos, t, type <> 'case.reopened' AS closes
FROM (SELECT contact, pos, t, type FROM word WHERE intent = 'resolved' AND hers AND NOT call
    UNION ALL SELECT contact, pos, t, type FROM attached WHERE type IN ('case.closed', 'case.reopened', 'order.placed'));

-- Changes of owner: by a record, by a person who speaks after a bot, by one who speaks after another person of the same source.
-- Those of one contact up to five minutes after the first are one: of the weightiest kind, 3 an escalation, 2 a handoff, 1 a transfer.
CREATE OR REPLACE TEMP TABLE move AS
WITH RECURSIVE turn AS (
    SELECT contact, pos, said_at AS at_time, CASE WHEN bot THEN 'bot' ELSE 'person' END AS who, agent, source, CAST(NULL AS INTEGER) AS kind
    FROM word WHERE (ours AND NOT call) OR (answered AND agent IS NOT NULL)
    UNION ALL
    SELECT contact, pos, t, 'record', NULL, source, CASE type WHEN 'escalated' THEN 3 WHEN 'handoff' THEN 2 ELSE 1 END
    FROM attached WHERE type IN ('escalated', 'handoff', 'transferred') OR (type = 'case.assigned' AND from_agent IS NOT NULL)),
-- An automatic word does not take a contact from its agent.
effective AS (
    SELECT * FROM (
        SELECT *, count(*) FILTER (who = 'person') OVER so_far AS people
        FROM turn JOIN issue_of USING (contact)
        WINDOW so_far AS (PARTITION BY contact ORDER BY at_time, pos ROWS UNBOUNDED PRECEDING))
    WHERE who <> 'bot' OR people = 0),
owned AS (
    SELECT *, lag(who) OVER turns = 'bot' AS after_bot,
        count(*) FILTER (who = 'record') OVER (turns ROWS UNBOUNDED PRECEDING) AS records
    FROM effective WINDOW turns AS (PARTITION BY issue ORDER BY at_time, pos)),
change AS (
    SELECT contact, issue, at_time, pos,
        CASE WHEN who = 'record' THEN kind WHEN after_bot THEN 2 WHEN agent <> agent_before THEN 1 END AS kind
    FROM (SELECT *, lag(agent IGNORE NULLS) OVER (PARTITION BY issue, source, records ORDER BY at_time, pos) AS agent_before
        FROM owned WHERE who <> 'bot')),
kept AS (SELECT * FROM change WHERE kind IS NOT NULL),
first AS (
    SELECT contact, min(at_time) AS at_time FROM kept GROUP BY contact
    UNION ALL
    SELECT contact, min(kept.at_time) FROM first JOIN kept USING (contact) WHERE kept.at_time > first.at_time + 5 * 60000
    GROUP BY contact, first.at_time)
SELECT kept.contact, any_value(issue) AS issue, max(kind) AS kind, min({at_time: kept.at_time, pos: pos}) AS place
FROM kept ASOF JOIN first ON first.contact = kept.contact AND first.at_time <= kept.at_time
GROUP BY kept.contact, first.at_time;

-- What came before and after on the matter: of the same issue, or of the same family.
CREATE OR REPLACE TABLE contact AS
WITH closed AS (SELECT contact, arg_min(t, pos) AS closed FROM act WHERE closes GROUP BY contact),
moved AS (
    SELECT contact, count(*) FILTER (kind = 1) AS transfers, count(*) FILTER (kind = 3) AS escalations FROM move GROUP BY contact),
linked AS (
    SELECT conversation.*, issue, closed, coalesce(transfers, 0) AS transfers, coalesce(escalations, 0) AS escalations,
        greatest(max(contact) OVER issue_before, CASE WHEN family IS NOT NULL THEN max(contact) OVER family_before END) AS before,
        min(contact) FILTER (hers) OVER after AS next,
        least(min(contact) FILTER (hers) OVER issue_after,
            CASE WHEN family IS NOT NULL THEN min(contact) FILTER (hers) OVER family_after END) AS next_matter
    FROM conversation JOIN issue_of USING (contact) LEFT JOIN closed USING (contact) LEFT JOIN moved USING (contact)
    WINDOW issue_before AS (PARTITION BY issue ORDER BY contact ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        family_before AS (PARTITION BY customer, family ORDER BY contact ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
        after AS (PARTITION BY customer ORDER BY contact ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
        issue_after AS (PARTITION BY issue ORDER BY contact ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
        family_after AS (PARTITION BY customer, family ORDER BY contact ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)),
-- Our words in a contact that we began answer all of hers that wait: the earliest of those behind.
answer AS (
    SELECT word.customer, word.pos,
        min(said_at) OVER (PARTITION BY word.customer ORDER BY pos ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS answered
    FROM word JOIN conversation USING (contact)
    WHERE NOT conversation.hers AND (word.answered OR (ours AND service AND NOT call))),
her_word AS (SELECT customer, {t: t, pos: pos} AS place, t FROM word WHERE hers AND NOT courtesy)
SELECT linked.* EXCLUDE (last, own_answer, next, next_matter), linked.customer > 0 AS known, next.started AS next_started,
    next.channel AS next_channel, coalesce(next.issue = linked.issue OR next.family = linked.family, false) AS next_matter,
    matter.started AS next_matter_started, her_word.t AS next_in,
    CASE WHEN linked.hers THEN least(linked.own_answer, answer.answered) END AS answered_any
FROM linked LEFT JOIN linked AS next ON next.contact = linked.next LEFT JOIN linked AS matter ON matter.contact = linked.next_matter
    ASOF LEFT JOIN answer ON answer.customer = linked.customer AND answer.pos > linked.contact
    ASOF LEFT JOIN her_word ON her_word.customer = linked.customer AND her_word.place > {t: linked.ended, pos: linked.last};

-- Consecutive contacts on the matter on different channels, at most 72 hours apart, unless the first one's issue stood closed: the
-- last act in it was a close, and she began no contact of it since.
CREATE OR REPLACE TABLE switch AS
WITH pair AS (
    SELECT b.contact, b.issue, b.customer, a.issue AS issue_before
    FROM contact AS b JOIN contact AS a ON a.contact = b.before
    WHERE a.channel IS DISTINCT FROM b.channel AND b.started - a.ended <= 72 * hour()),
issue_act AS (SELECT issue, pos, closes FROM act JOIN issue_of USING (contact)),
hers AS (SELECT issue, contact FROM contact WHERE hers)
SELECT pair.contact, pair.issue, pair.customer
FROM pair ASOF LEFT JOIN issue_act ON issue_act.issue = pair.issue_before AND issue_act.pos < pair.contact
    ASOF LEFT JOIN hers ON hers.issue = pair.issue_before AND hers.contact < pair.contact
WHERE NOT coalesce(closes AND coalesce(hers.contact <= issue_act.pos, true), false);

CREATE OR REPLACE TABLE issue AS
WITH total AS (
    SELECT issue, min(started) AS started, max(ended) AS ended, count(*) AS contacts, sum(transfers) AS transfers,
        sum(escalations) AS escalations
    FROM contact GROUP BY issue),
closing AS (
    SELECT issue, min(pos) AS pos, arg_min(t, pos) AS closed, arg_min(contact, pos) AS contact
    FROM act JOIN issue_of USING (contact) WHERE closes GROUP BY issue),
reopened AS (
    SELECT closing.issue, arg_min(act.t, act.pos) AS case_reopened
    FROM closing JOIN issue_of USING (issue) JOIN act ON act.contact = issue_of.contact
    WHERE NOT closes AND act.pos > closing.pos GROUP BY closing.issue),
-- Her first contact after the close on the matter of the contact in which it was closed.
returned AS (
    SELECT closing.issue, arg_min(later, later.contact) AS later, any_value(c.channel) AS channel
    FROM closing JOIN contact AS c USING (contact)
        JOIN contact AS later ON later.customer = c.customer AND later.hers AND later.contact > closing.pos
            AND (later.issue = c.issue OR later.family = c.family)
    GROUP BY closing.issue),
switched AS (SELECT issue, count(*) AS switches FROM switch GROUP BY issue)
SELECT total.*, c.customer, known, hers, handled AS first_handled, c.ended AS first_ended, c.closed AS first_closed,
    ours_last AS first_ours_last, asks_last AS first_asks_last, next_in AS first_next_in, next_matter_started AS later_started,
    closing.closed, case_reopened, returned.later.started AS reopen_started,
    returned.later.channel IS DISTINCT FROM returned.channel AS reopen_channel_other, coalesce(switches, 0) AS switches
FROM total JOIN contact AS c ON c.contact = total.issue LEFT JOIN closing ON closing.issue = total.issue
    LEFT JOIN reopened ON reopened.issue = total.issue LEFT JOIN returned ON returned.issue = total.issue
    LEFT JOIN switched ON switched.issue = total.issue;
