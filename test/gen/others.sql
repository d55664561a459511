-- Figures of the truth that jmetrics does not measure yet, counted again from the records and the log's facts: one line for every one
-- that is not the same. Run by sqlite3 on the journey file with the truth in temp.line(body) and the records in temp.figure(body).
CREATE TEMP TABLE e AS SELECT DISTINCT body, body ->> 'type' AS type, body ->> 'time' AS time, body ->> 'direction' AS direction,
	json_extract(body, '$.data') AS data, substr(body ->> 'id', 1, length(body ->> 'id') - length(body ->> '$.data.order') - 1) AS customer
	FROM figure;
CREATE TEMP TABLE again(metric, class, numerator, n);
INSERT INTO again SELECT 'csat5', NULL, sum(data ->> 'score' >= 4), count(*) FROM e WHERE data ->> 'scale' = 'csat5';
INSERT INTO again SELECT 'ces7_agree', NULL, sum(data ->> 'score' >= 5), count(*) FROM e WHERE data ->> 'scale' = 'ces7';
INSERT INTO again SELECT 'contact_abandonment_rate.menu', NULL, sum(data ->> 'reason' = 'abandoned_ivr'), count(*)
	FROM e WHERE type = 'call' AND direction = 'in';
INSERT INTO again SELECT 'contact_abandonment_rate', NULL, sum(data ->> 'reason' = 'abandoned_queue'), count(*)
	FROM e WHERE type = 'call' AND direction = 'in' AND data ->> 'reason' IN ('answered', 'abandoned_queue', 'voicemail');
INSERT INTO again SELECT 'contradiction_rate', NULL, sum(verdicts > 1), count(*) FROM (SELECT count(DISTINCT data ->> 'verdict') AS verdicts
	FROM e WHERE type = 'decision.made' GROUP BY data ->> 'action', data ->> 'inputs' HAVING count(*) > 1);
INSERT INTO again SELECT 'commitments_kept_rate', NULL, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM e k WHERE k.type = 'commitment.kept'
	AND k.data ->> 'action' = m.data ->> 'action' AND k.time <= m.data ->> 'due')), count(*)
	FROM e m WHERE m.type = 'commitment.made' AND m.data ->> 'due' <= (SELECT max(time) FROM e);
INSERT INTO again SELECT 'consent_violation_rate', NULL, count(*) FILTER (WHERE coalesce((SELECT c.type FROM e c WHERE c.customer = m.customer
	AND c.type LIKE 'consent.%' AND c.time <= m.time ORDER BY c.time DESC LIMIT 1), '') <> 'consent.granted'), count(*)
	FROM e m WHERE m.type = 'message' AND m.data ->> 'purpose' = 'marketing';
UPDATE again SET metric = 'consent_violation_rate.without_consent' WHERE metric = 'consent_violation_rate';
INSERT INTO again SELECT 'consent_violation_rate', NULL, count(*) FILTER (WHERE substr(m.time, 12, 5) NOT BETWEEN '08:00' AND '20:59'
	OR coalesce((SELECT c.type FROM e c WHERE c.customer = m.customer
	AND c.type LIKE 'consent.%' AND c.time <= m.time ORDER BY c.time DESC LIMIT 1), '') <> 'consent.granted'), count(*)
	FROM e m WHERE m.type = 'message' AND m.data ->> 'purpose' = 'marketing';
INSERT INTO again SELECT 'contradiction_rate.pairs', NULL, NULL, count(*) FROM e a JOIN e b ON b.data ->> 'action' = a.data ->> 'action'
	AND b.data ->> 'inputs' = a.data ->> 'inputs' AND b.body > a.body WHERE a.type = 'decision.made' AND b.type = a.type;
INSERT INTO again SELECT 'frustration_rate', NULL, (SELECT count(*) FROM e WHERE data ->> 'signals' LIKE '%frustration%'),
	(SELECT count(*) FROM v_contact);
INSERT INTO again SELECT 'churn_signal_rate', NULL, (SELECT count(*) FROM e WHERE data ->> 'signals' LIKE '%churn%'),
	(SELECT count(*) FROM v_contact);
INSERT INTO again SELECT 'handoff_rate', NULL, sum(handed_off > 0), count(*) FROM v_contact WHERE handled;
INSERT INTO again SELECT 'containment_rate.abandoned', NULL, (SELECT count(*) FROM e WHERE type = 'abandoned'), count(*)
	FROM v_contact WHERE bot;
INSERT INTO again SELECT 'service_level', class, sum(coalesce(answered_any - started <= iif(class = 'live', 20000, 3600000), 0)), count(*)
	FROM v_contact WHERE began = 'customer' GROUP BY class;
INSERT INTO again SELECT 'durable_resolution_rate.explicit', NULL, sum((later_started IS NULL OR later_started > first_ended + 604800000)
	AND transfers = 0 AND escalations = 0), count(*) FROM v_issue, (SELECT max(unixepoch(time) * 1000 + substr(time, 21, 3) +
	iif(type = 'call', 1000 * coalesce(data ->> 'duration', 0), 0)) AS horizon FROM e)
	WHERE began = 'customer' AND first_handled AND known AND first_closed <= first_ended + 604800000
	AND first_ended + 604800000 <= horizon;
INSERT INTO again SELECT 'handoff_completeness.complete', NULL, NULL, count(*) FROM e WHERE type = 'handoff';
INSERT INTO again SELECT 'effort', NULL, NULL, count(*) FROM v_issue WHERE known;

SELECT a.metric, a.class, a.numerator, a.n, t.body FROM again a LEFT JOIN line t ON t.body ->> 'metric' = a.metric
	AND t.body ->> 'class' IS a.class AND coalesce(t.body ->> 'window', '7d') = '7d' AND t.body ->> 'statistic' IN ('rate', 'mean')
	AND (t.body ->> 'statistic' = 'rate' OR a.numerator IS NULL)
	WHERE t.body IS NULL OR a.n IS NOT t.body ->> 'n' OR (a.numerator IS NOT NULL AND a.numerator IS NOT t.body ->> 'numerator');
SELECT 'effort', (SELECT avg(her_contacts + switches + (SELECT count(*) FROM v_move m WHERE m.customer = i.customer AND m.issue = i.issue))
	FROM v_issue i WHERE known) AS mean, t.body FROM line t WHERE t.body ->> 'metric' = 'effort' AND t.body ->> 'statistic' = 'mean'
	AND abs(mean - t.body ->> 'value') > 0.001;
CREATE TEMP TABLE stages AS SELECT customer, time, data ->> 'order' AS place, data ->> 'stage' AS stage FROM e WHERE type = 'stage.changed';
CREATE TEMP TABLE asked AS SELECT customer, data ->> 'intent' AS intent, (SELECT stage FROM stages s WHERE s.customer = m.customer
	AND s.time <= m.time ORDER BY s.time DESC, s.place DESC LIMIT 1) AS stage FROM e m WHERE type = 'message';
SELECT 'question', t.body FROM line t WHERE t.body ->> 'metric' = 'recurring_questions' AND (t.body ->> 'value' IS NOT (SELECT count(*)
	FROM asked WHERE intent = t.body ->> 'intent' AND stage IS t.body ->> 'stage') OR t.body ->> 'customers' IS NOT (SELECT
	count(DISTINCT customer) FROM asked WHERE intent = t.body ->> 'intent' AND stage IS t.body ->> 'stage'));
