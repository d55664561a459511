-- Figures of jmetrics beside what is true: one line for every one that is not the same, for every one of jmetrics that the truth does not
-- have, and for every one of the truth that jmetrics does not tell. What the log has none of, and the truth neither, is not observable
-- and no difference. Run by sqlite3 with the truth imported into temp.line(body) and jmetrics' records, of one window and with those by
-- other dimensions behind, into temp.figure(body).
CREATE TEMP TABLE true_figure AS SELECT
	body ->> 'metric' AS metric, body ->> 'statistic' AS statistic,
	(SELECT group_concat(value || '=' || (body ->> value)) FROM json_each('["class", "channel", "stage", "intent", "reason"]')
	WHERE body ->> value IS NOT NULL) AS part,
	body ->> 'window' AS window, body ->> 'value' AS value, body ->> 'numerator' AS numerator, body ->> 'n' AS n,
	body ->> 'immature' AS immature, body ->> 'left_out' AS left_out
	FROM line WHERE body ->> 'metric' IS NOT NULL;
INSERT INTO true_figure SELECT metric, 'customers', coalesce('stage=' || (body ->> 'stage') || ',', '') ||
	'intent=' || (body ->> 'intent'), NULL, body ->> 'customers', NULL, body ->> 'customers',
	NULL, NULL FROM (SELECT 'recurring_questions' AS metric, body FROM line) WHERE body ->> 'metric' = metric;
UPDATE true_figure SET n = value WHERE n IS NULL AND statistic = 'count';
CREATE TEMP TABLE logged_figure AS SELECT
	body ->> 'metric' AS metric, body ->> 'statistic' AS statistic,
	(SELECT group_concat(replace(key, 'last_channel', 'channel') || '=' || value) FROM json_each(body, '$.group') WHERE value IS NOT NULL) AS part,
	(SELECT count(*) FROM json_each(body, '$.group')) AS parts, body ->> 'window' AS window,
	body ->> 'value' AS value, body ->> 'numerator' AS numerator, body ->> 'n' AS n, body ->> 'immature' AS immature,
	body ->> 'left_out' AS left_out, body ->> 'status' AS status
	FROM figure WHERE body ->> 'statistic' IS NOT 'share';
-- Rows without a value of the dimension are no group of the truth's.
DELETE FROM logged_figure WHERE parts > 0 AND part IS NULL;

SELECT l.metric, l.statistic, coalesce(l.part, '-'), coalesce(l.window, '-'),
	'log: ' || coalesce(l.value, 'none') || ' = ' || coalesce(l.numerator, '-') || '/' || l.n || ', ' || l.immature || ' not mature, ' ||
	l.left_out || ' left out',
	'true: ' || coalesce(t.value, 'none') || ' = ' || coalesce(t.numerator, '-') || '/' || coalesce(t.n, '-') || ', ' ||
	coalesce(t.immature, 0) || ' not mature, ' || coalesce(t.left_out, 0) || ' left out'
	FROM logged_figure l LEFT JOIN true_figure t
	ON t.metric = l.metric AND t.statistic = l.statistic AND t.part IS l.part AND t.window IS l.window
	WHERE (l.status = 'ok' OR coalesce(t.numerator, t.n) > 0) AND (t.metric IS NULL OR (l.n IS NOT t.n AND l.statistic <> 'customers')
	OR (t.numerator IS NOT NULL AND l.numerator IS NOT t.numerator)
	OR (t.immature IS NOT NULL AND l.immature <> t.immature) OR (t.left_out IS NOT NULL AND l.left_out <> t.left_out)
	OR abs(coalesce(l.value, -1) - coalesce(t.value, -1)) > 0.0015)
	-- The share of those who went on from a stage is told by the neighbours' counts alone.
	AND l.metric <> 'funnel.continued';

SELECT t.metric, t.statistic, coalesce(t.part, '-'), coalesce(t.window, '-'), 'log: nothing', 'true: ' || coalesce(t.value, 'none')
	FROM true_figure t
	WHERE (t.window IS NULL OR t.window = (SELECT max(window) FROM logged_figure) OR NOT EXISTS (SELECT 1 FROM logged_figure))
	AND coalesce(t.numerator, t.n) > 0 AND NOT EXISTS (SELECT 1 FROM logged_figure l
	WHERE l.metric = t.metric AND l.statistic = t.statistic AND l.part IS t.part);
