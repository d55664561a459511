-- Opportunities, what she felt, and their figures, counted again from the log's records and its contacts and issues: one line for every one that is not
-- as it is told. Run by sqlite3 on the journey file with the truth in temp.line(body), behind what makes temp.means(intent, what) of
-- the ontology's intents: commercial, courtesy, resolving.
CREATE TEMP TABLE e AS SELECT seq, body ->> 'id' AS id, body ->> 'type' AS type, unixepoch(substr(body ->> 'time', 1, 19)) * 1000 +
	substr(body ->> 'time', 21, 3) AS at, source, session, body ->> 'channel' AS channel, body ->> 'direction' AS direction,
	body ->> 'actor' AS actor, body ->> '$.data.order' AS pos, body ->> '$.data.reason' AS reason, body ->> '$.data.stage' AS stage,
	1000 * coalesce(body ->> '$.data.duration', 0) AS duration, 1000 * coalesce(body ->> '$.data.wait', 0) AS wait,
	(SELECT group_concat(what) FROM means WHERE intent = body ->> '$.data.intent') AS means,
	body ->> '$.data.sentiment' AS sentiment, substr(body ->> 'id', 1, length(body ->> 'id') - length(body ->> '$.data.order') - 1) AS person
	FROM v_event;
CREATE TEMP TABLE seen AS SELECT max(at + iif(type = 'call', duration, 0)) AS horizon FROM e;
CREATE INDEX temp.e_person ON e(person, type, pos);
CREATE UNIQUE INDEX temp.e_seq ON e(seq);

CREATE TEMP TABLE contact AS SELECT contact, issue AS begun, began, intent AS about, channel AS place FROM v_contact;
CREATE UNIQUE INDEX temp.contact_contact ON contact(contact);

-- Which issue a record is of: that of the latest contact of its session and channel.
CREATE TEMP TABLE part AS SELECT *, max(iif(contact IS NULL, NULL, pos)) OVER (PARTITION BY person, source, session, channel ORDER BY pos)
	AS first FROM e LEFT JOIN contact ON contact = seq WHERE session IS NOT NULL;
CREATE TEMP TABLE start AS SELECT person, pos, begun AS issue, began FROM part WHERE contact IS NOT NULL;
CREATE UNIQUE INDEX temp.start_pos ON start(person, pos);
CREATE TEMP TABLE lead AS SELECT i.issue, r.id, r.person, r.pos, i.started, i.ended, i.known FROM v_issue i JOIN e r ON r.seq = i.issue
	WHERE i.issue IN (SELECT begun FROM contact WHERE about IN (SELECT intent FROM means WHERE what = 'commercial'));
CREATE UNIQUE INDEX temp.lead_issue ON lead(issue);
CREATE INDEX temp.lead_person ON lead(person, pos);
CREATE TEMP TABLE told AS SELECT p.*, s.issue, s.began AS whose FROM part p JOIN start s ON s.person = p.person AND s.pos = p.first
	WHERE s.issue IN (SELECT issue FROM lead);
CREATE INDEX temp.told_issue ON told(issue, type);
CREATE TEMP TABLE about AS SELECT begun AS issue, about AS intent, pos, place AS channel FROM contact JOIN e ON seq = contact
	WHERE begun IN (SELECT issue FROM lead);
CREATE INDEX temp.about_issue ON about(issue, pos);

-- Words: when they begin and end. An answered call is hers when she calls, and ours from when it is taken.
CREATE TEMP TABLE word AS
	SELECT issue, at, at + duration AS fin, pos, 1 AS n, 'hers' AS side FROM told WHERE type IN ('message', 'call') AND direction = 'in'
	AND actor = 'customer' AND coalesce(means, '') NOT LIKE '%courtesy%' UNION ALL
	SELECT issue, at, at, pos, 2, 'ours' FROM told WHERE type = 'message' AND direction = 'out' AND actor IN ('agent', 'bot') UNION ALL
	SELECT issue, at + wait, at + duration, pos, 2, 'ours' FROM told WHERE type = 'call' AND reason = 'answered';
CREATE INDEX temp.word_issue ON word(issue);
CREATE TEMP TABLE spoken AS SELECT *, lag(side) OVER w AS before, max(fin) OVER w AS heard, lead(at) OVER w AS next FROM word
	WINDOW w AS (PARTITION BY issue ORDER BY at, pos, n);
-- The first word of each side's turn waits until the other side's.
CREATE TEMP TABLE wait AS SELECT issue, side, fin AS since, coalesce(lead(at) OVER (PARTITION BY issue ORDER BY at, pos, n),
	(SELECT horizon + 1 FROM seen)) AS until FROM spoken WHERE side IS NOT before;

-- Open from the beginning, and from a reopening or a new contact of hers, to an explicit close.
CREATE TEMP TABLE act AS
	SELECT issue, at, pos, 1 AS n, 'opens' AS act FROM told WHERE type = 'case.reopened' OR (pos = first AND whose = 'customer') UNION ALL
	SELECT issue, at, pos, 2, 'closes' FROM told WHERE type IN ('case.closed', 'order.placed')
	OR (means LIKE '%resolving%' AND direction = 'in' AND type = 'message') UNION ALL
	SELECT issue, 0, -1, 0, 'opens' FROM lead;
CREATE TEMP TABLE span AS SELECT issue, at AS opened, coalesce(lead(at) OVER (PARTITION BY issue ORDER BY at, pos, n),
	(SELECT horizon + 1 FROM seen)) AS closed, act FROM (SELECT *, lag(act) OVER (PARTITION BY issue ORDER BY at, pos, n) AS before FROM act)
	WHERE act IS NOT before;

-- Orders: in the opportunity, else of the latest that began up to 30 days before.
CREATE TEMP TABLE won AS SELECT issue, at, pos FROM told WHERE type = 'order.placed' UNION ALL
	SELECT l.issue, o.at, o.pos FROM e o JOIN lead l ON l.issue = (SELECT issue FROM lead b WHERE b.person = o.person AND b.pos < o.pos
	ORDER BY b.pos DESC LIMIT 1) WHERE o.type = 'order.placed' AND o.at - l.started <= 2592000000
	AND o.seq NOT IN (SELECT seq FROM told WHERE type = 'order.placed');

CREATE INDEX temp.won_issue ON won(issue);
CREATE INDEX temp.span_issue ON span(issue);

-- What waited for the other side for more than 48 hours while it was open; where nobody said a word for more than 30 days before an order.
CREATE TEMP TABLE waited AS SELECT w.issue, side, min(max(since, opened) + 172800000) AS lapsed FROM wait w JOIN span s ON s.issue = w.issue
	AND s.act = 'opens' WHERE min(until, closed) - max(since, opened) > 172800000 GROUP BY w.issue, side;
CREATE TEMP TABLE silent AS SELECT s.issue, min(heard + 2592000000) AS lapsed FROM spoken s LEFT JOIN (SELECT issue, min(at) AS at FROM won
	GROUP BY issue) o ON o.issue = s.issue WHERE min(coalesce(next, (SELECT horizon + 1 FROM seen)), coalesce(o.at, 1e18)) - heard > 2592000000
	GROUP BY s.issue;
CREATE INDEX temp.waited_issue ON waited(issue, side);
CREATE INDEX temp.silent_issue ON silent(issue);
CREATE TEMP TABLE lapsed AS SELECT issue, min(lapsed) AS at FROM (SELECT issue, lapsed FROM waited WHERE side = 'hers' UNION ALL
	SELECT issue, lapsed FROM silent) GROUP BY issue;

CREATE INDEX temp.lapsed_issue ON lapsed(issue);

CREATE TEMP TABLE opportunity AS SELECT l.*, (SELECT min(at) FROM won w WHERE w.issue = l.issue) AS won,
	EXISTS (SELECT 1 FROM waited w WHERE w.issue = l.issue AND side = 'hers') AS stalled,
	EXISTS (SELECT 1 FROM waited w WHERE w.issue = l.issue AND side = 'ours') AS awaiting,
	EXISTS (SELECT 1 FROM silent s WHERE s.issue = l.issue) AS abandoned,
	EXISTS (SELECT 1 FROM lapsed a JOIN word w ON w.issue = a.issue AND w.side = 'ours' AND w.at > a.at JOIN won o ON o.issue = a.issue
	AND (o.at, o.pos) > (w.at, w.pos) AND o.at - w.at <= 2592000000 WHERE a.issue = l.issue) AS recovered,
	(SELECT intent FROM about c WHERE c.issue = l.issue AND intent IS NOT NULL ORDER BY pos DESC LIMIT 1) AS intent,
	(SELECT stage FROM e s WHERE s.person = l.person AND s.type = 'stage.changed' AND s.at <= l.ended ORDER BY s.pos DESC LIMIT 1) AS stage,
	(SELECT reason FROM told t WHERE t.issue = l.issue AND t.type = 'abandoned' ORDER BY t.pos DESC LIMIT 1) AS reason,
	l.ended + 172800000 <= horizon AS soon, l.ended + 2592000000 <= horizon AS over FROM lead l, seen;

SELECT 'opportunity', iif(side, 'true', 'log'), * FROM (
	SELECT 1 AS side, * FROM (SELECT body ->> 'issue', body ->> 'ended', body ->> 'won', body ->> 'stalled', body ->> 'awaiting_customer',
	body ->> 'abandoned', body ->> 'recovered', body ->> 'intent', body ->> 'stage', body ->> 'reason' FROM line
	WHERE body ->> 'fact' = 'opportunity' EXCEPT
	SELECT id, ended, won, stalled, awaiting, abandoned, recovered, intent, stage, reason FROM opportunity) UNION ALL
	SELECT 0, * FROM (SELECT id, ended, won, stalled, awaiting, abandoned, recovered, intent, stage, reason FROM opportunity EXCEPT
	SELECT body ->> 'issue', body ->> 'ended', body ->> 'won', body ->> 'stalled', body ->> 'awaiting_customer', body ->> 'abandoned',
	body ->> 'recovered', body ->> 'intent', body ->> 'stage', body ->> 'reason' FROM line WHERE body ->> 'fact' = 'opportunity'));

-- Rates: of known customers, those whose window is over.
CREATE TEMP TABLE row(metric, part, known, mature, hit);
INSERT INTO row SELECT 'conversion', '', known, over, won IS NOT NULL FROM opportunity;
INSERT INTO row SELECT 'stalled_lead_rate', '', known, soon, stalled FROM opportunity;
INSERT INTO row SELECT 'stalled_lead_rate.awaiting_customer', '', known, soon, awaiting FROM opportunity;
INSERT INTO row SELECT 'recovered_rate', '', known, over, recovered FROM opportunity WHERE stalled OR abandoned;
INSERT INTO row SELECT 'opportunity_abandonment_rate', '', known, over, abandoned FROM opportunity;
INSERT INTO row SELECT 'opportunity_abandonment_rate', 'intent=' || intent, known, over, abandoned FROM opportunity WHERE intent IS NOT NULL;
INSERT INTO row SELECT 'opportunity_abandonment_rate', 'stage=' || stage, known, over, abandoned FROM opportunity WHERE stage IS NOT NULL;
INSERT INTO row SELECT 'opportunity_abandonment_rate', 'reason=' || reason, known, over, abandoned FROM opportunity WHERE reason IS NOT NULL;
INSERT INTO row SELECT 'conversion_by_channel.' || side, 'channel=' || channel, known, over, won IS NOT NULL FROM (
	SELECT 'first' AS side, o.*, (SELECT channel FROM about a WHERE a.issue = o.issue ORDER BY pos LIMIT 1) AS channel FROM opportunity o UNION ALL
	SELECT 'last', o.*, (SELECT channel FROM about a WHERE a.issue = o.issue ORDER BY pos DESC LIMIT 1) FROM opportunity o UNION ALL
	SELECT 'any', o.*, a.channel FROM opportunity o JOIN (SELECT DISTINCT issue, channel FROM about) a ON a.issue = o.issue);
CREATE TEMP TABLE again AS SELECT metric, part, sum(hit AND known AND mature) AS numerator, sum(known AND mature) AS n,
	sum(known AND NOT mature) AS immature, sum(NOT known) AS left_out FROM row GROUP BY metric, part;
INSERT INTO again SELECT 'opportunities', '', NULL, count(*), NULL, NULL FROM opportunity;
INSERT INTO again SELECT 'conversion_by_channel.contacts', 'channel=' || place, NULL, count(*), NULL, NULL FROM contact GROUP BY place;
CREATE TEMP TABLE once AS SELECT body ->> 'metric' AS metric, coalesce('channel=' || (body ->> 'channel'), 'intent=' || (body ->> 'intent'),
	'stage=' || (body ->> 'stage'), 'reason=' || (body ->> 'reason'), '') AS part,
	iif(body ->> 'statistic' = 'count', NULL, coalesce(body ->> 'numerator', 0)) AS numerator, body ->> 'n' AS n,
	body ->> 'immature' AS immature, body ->> 'left_out' AS left_out FROM line
	WHERE body ->> 'metric' IN ('opportunities', 'conversion', 'recovered_rate', 'opportunity_abandonment_rate')
	OR body ->> 'metric' LIKE 'stalled_lead_rate%' OR body ->> 'metric' LIKE 'conversion_by_channel%';
SELECT metric, 'true', * FROM (SELECT * FROM once WHERE n + coalesce(immature + left_out, 0) > 0 EXCEPT SELECT * FROM again);
SELECT metric, 'log', * FROM (SELECT * FROM again EXCEPT SELECT * FROM once);

-- What she felt, of every contact that says it.
CREATE TEMP TABLE feeling AS SELECT e.id, first_value(f.sentiment) OVER w AS first, last_value(f.sentiment) OVER w AS last FROM (SELECT p.*,
	s.seq AS head FROM part p JOIN part s ON s.contact IS NOT NULL AND s.person = p.person AND s.pos = p.first
	WHERE p.sentiment IS NOT NULL) f JOIN e ON e.seq = f.head
	WINDOW w AS (PARTITION BY e.id ORDER BY f.pos ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
SELECT 'feeling', 'true', * FROM (SELECT body ->> 'contact', body ->> 'sentiment_first', body ->> 'sentiment_last' FROM line
	WHERE body ->> 'sentiment_first' IS NOT NULL EXCEPT SELECT * FROM feeling);
SELECT 'feeling', 'log', * FROM (SELECT * FROM feeling EXCEPT SELECT body ->> 'contact', body ->> 'sentiment_first', body ->> 'sentiment_last'
	FROM line WHERE body ->> 'fact' = 'contact');
SELECT 'sentiment', a.mean, a.n, t.body FROM (SELECT avg(sentiment) AS mean, count(sentiment) AS n FROM e) a LEFT JOIN line t
	ON t.body ->> 'metric' = 'sentiment' WHERE a.n IS NOT coalesce(t.body ->> 'n', 0) OR abs(coalesce(a.mean - (t.body ->> 'value'), 0)) > 0.000001;
