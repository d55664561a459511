-- Facts of a journey file beside what is true (jgen --truth): one line for every fact that is not the same. Run by
-- sqlite3 on the journey file, with the truth imported into temp.line(body).
CREATE TEMP TABLE fact AS SELECT body ->> 'fact' AS fact, body FROM temp.line WHERE body ->> 'fact' IS NOT NULL;
CREATE TEMP TABLE record AS SELECT seq, body ->> 'id' AS id FROM v_event;
CREATE UNIQUE INDEX temp.record_id ON record(id);
CREATE UNIQUE INDEX temp.record_seq ON record(seq);

-- Who is who: the log's customers and the true ones, contact by contact.
CREATE TEMP TABLE customer_of AS SELECT contact, customer FROM v_contact;
CREATE UNIQUE INDEX temp.customer_of_contact ON customer_of(contact);
CREATE TEMP TABLE who AS
	SELECT c.customer AS logged, t.body ->> 'customer' AS true_one
	FROM fact t JOIN record r ON r.id = t.body ->> 'contact' LEFT JOIN customer_of c ON c.contact = r.seq
	WHERE t.fact = 'contact';
SELECT 'who', 'one true customer is several in the log', true_one, count(DISTINCT logged) FROM who
	GROUP BY true_one HAVING count(DISTINCT logged) <> 1;
SELECT 'who', 'several true customers are one in the log', logged, count(DISTINCT true_one) FROM who
	WHERE logged IS NOT NULL GROUP BY logged HAVING count(DISTINCT true_one) <> 1;

CREATE TEMP VIEW true_contact AS SELECT
	body ->> 'contact' AS id, body ->> 'issue' AS issue, body ->> 'channel' AS channel, body ->> 'class' AS class,
	body ->> 'began' AS began, body ->> 'started' AS started, body ->> 'ended' AS ended, body ->> 'offered' AS offered,
	body ->> 'handled' AS handled, body ->> 'case_id' AS case_id, body ->> 'intent' AS intent, body ->> 'family' AS family,
	body ->> 'inherited' AS inherited, body ->> 'known' AS known, body ->> 'human' AS human, body ->> 'bot' AS bot,
	body ->> 'first_in' AS first_in, body ->> 'answered_any' AS answered_any, body ->> 'answered_human' AS answered_human,
	body ->> 'answered_useful' AS answered_useful, body ->> 'closed' AS closed, body ->> 'closed_last' AS closed_last,
	body ->> 'reopened' AS reopened, body ->> 'last_word' AS last_word, body ->> 'last_asks' AS last_asks,
	body ->> 'abandoned' AS abandoned, body ->> 'next_in' AS next_in, body ->> 'next_started' AS next_started,
	body ->> 'next_channel' AS next_channel, body ->> 'next_matter' AS next_matter,
	body ->> 'next_matter_started' AS next_matter_started, body ->> 'transferred' AS transferred,
	body ->> 'handed_off' AS handed_off, body ->> 'escalated' AS escalated, body ->> 'sentiment_first' AS sentiment_first,
	body ->> 'sentiment_last' AS sentiment_last
	FROM fact WHERE fact = 'contact';
CREATE TEMP VIEW logged_contact AS SELECT
	r.id, i.id, channel, class, began, started, ended, offered, handled, case_id, intent, family, coalesce(inherited, 0), known,
	coalesce(human, 0), coalesce(bot, 0), first_in, answered_any, answered_human, answered_useful, closed, closed_last, reopened,
	last_word, coalesce(last_asks, 0), abandoned, next_in, next_started, next_channel, coalesce(next_matter, 0),
	next_matter_started, transferred, handed_off, escalated, sentiment_first, sentiment_last
	FROM v_contact JOIN record r ON r.seq = contact JOIN record i ON i.seq = issue;

CREATE TEMP VIEW true_issue AS SELECT
	body ->> 'issue' AS id, body ->> 'began' AS began, body ->> 'family' AS family, body ->> 'started' AS started,
	body ->> 'ended' AS ended, body ->> 'contacts' AS contacts, body ->> 'her_contacts' AS her_contacts, body ->> 'open' AS open,
	body ->> 'closed' AS closed, body ->> 'reopen_started' AS reopen_started,
	body ->> 'reopen_channel_other' AS reopen_channel_other, body ->> 'case_reopened' AS case_reopened,
	body ->> 'transfers' AS transfers, body ->> 'escalations' AS escalations, body ->> 'switches' AS switches
	FROM fact WHERE fact = 'issue';
CREATE TEMP VIEW logged_issue AS SELECT
	r.id, began, family, started, ended, contacts, her_contacts, open, closed, reopen_started,
	iif(reopen_started IS NULL, NULL, reopen_channel_other), case_reopened, transfers, escalations, switches
	FROM v_issue JOIN record r ON r.seq = issue;

CREATE TEMP VIEW true_switch AS SELECT
	body ->> 'to_contact' AS id, body ->> 'from_contact' AS from_contact, body ->> 'issue' AS issue, body ->> 'gap' AS gap,
	body ->> 'joined' AS joined, body ->> 'asked_who' AS asked_who, body ->> 'asked_known' AS asked_known,
	body ->> 'next_switch_started' AS next_switch_started, body ->> 'next_matter_started' AS next_matter_started
	FROM fact WHERE fact = 'switch';
CREATE TEMP VIEW logged_switch AS SELECT
	t.id, f.id, i.id, gap, joined, asked_who, asked_known, next_switch_started, next_matter_started
	FROM v_switch s JOIN record f ON f.seq = from_contact JOIN record t ON t.seq = to_contact JOIN record i ON i.seq = s.issue;

CREATE TEMP VIEW true_move AS SELECT
	body ->> 'contact' AS id, body ->> 'at' AS at, body ->> 'kind' AS kind, body ->> 'reason' AS reason FROM fact WHERE fact = 'move';
CREATE TEMP VIEW logged_move AS SELECT r.id, at, kind, reason FROM v_move JOIN record r ON r.seq = contact;

-- What waits at the end has waited until now, and what ends at the horizon has been seen whole.
CREATE TEMP TABLE seen AS SELECT 1 + (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'horizon') AS now;
CREATE TEMP VIEW true_opportunity AS SELECT
	body ->> 'issue' AS id, body ->> 'ended' AS ended, body ->> 'won' AS won, body ->> 'stalled' AS stalled,
	body ->> 'awaiting_customer' AS awaiting_customer, body ->> 'abandoned' AS abandoned, body ->> 'recovered' AS recovered,
	body ->> 'intent' AS intent, body ->> 'stage' AS stage, body ->> 'reason' AS reason
	FROM fact WHERE fact = 'opportunity';
CREATE TEMP VIEW logged_opportunity AS SELECT
	r.id, ended, won, max(she_waited, coalesce(now - she_waits, 0)) > 172800000, max(we_waited, coalesce(now - we_wait, 0)) > 172800000,
	max(silence, coalesce(now - silent, 0)) > 2592000000, recovered IS NOT NULL, intent, stage, reason
	FROM v_opportunity JOIN record r ON r.seq = issue, seen;

SELECT 'contact', 'true', * FROM (SELECT * FROM true_contact EXCEPT SELECT * FROM logged_contact);
SELECT 'contact', 'log', * FROM (SELECT * FROM logged_contact EXCEPT SELECT * FROM true_contact);
SELECT 'issue', 'true', * FROM (SELECT * FROM true_issue EXCEPT SELECT * FROM logged_issue);
SELECT 'issue', 'log', * FROM (SELECT * FROM logged_issue EXCEPT SELECT * FROM true_issue);
SELECT 'switch', 'true', * FROM (SELECT * FROM true_switch EXCEPT SELECT * FROM logged_switch);
SELECT 'switch', 'log', * FROM (SELECT * FROM logged_switch EXCEPT SELECT * FROM true_switch);
SELECT 'move', 'true', * FROM (SELECT * FROM true_move EXCEPT SELECT * FROM logged_move);
SELECT 'move', 'log', * FROM (SELECT * FROM logged_move EXCEPT SELECT * FROM true_move);
SELECT 'opportunity', 'true', * FROM (SELECT * FROM true_opportunity EXCEPT SELECT * FROM logged_opportunity);
SELECT 'opportunity', 'log', * FROM (SELECT * FROM logged_opportunity EXCEPT SELECT * FROM true_opportunity);
SELECT 'count', 'true and log', t, l FROM (SELECT
	(SELECT count(*) FROM fact WHERE fact IN ('contact', 'issue', 'switch', 'move', 'opportunity')) AS t,
	(SELECT count(*) FROM v_contact) + (SELECT count(*) FROM v_issue) + (SELECT count(*) FROM v_switch) +
	(SELECT count(*) FROM v_move) + (SELECT count(*) FROM v_opportunity) AS l) WHERE t <> l;
