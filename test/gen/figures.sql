-- Figures of jmetrics beside what is true: one line for every one that is not the same, and for every one of jmetrics that the truth
-- does not have. What the log has none of, and the truth neither, is not observable and no difference. Run by sqlite3 with the
-- truth imported into temp.line(body) and jmetrics' records into temp.figure(body).
CREATE TEMP TABLE true_figure AS SELECT
	body ->> 'metric' AS metric, body ->> 'statistic' AS statistic, body ->> 'class' AS class, body ->> 'window' AS window,
	body ->> 'value' AS value, body ->> 'numerator' AS numerator, body ->> 'n' AS n, body ->> 'immature' AS immature,
	body ->> 'left_out' AS left_out
	FROM line WHERE body ->> 'metric' IS NOT NULL;
CREATE TEMP TABLE logged_figure AS SELECT
	body ->> 'metric' AS metric, body ->> 'statistic' AS statistic, body ->> '$.group.class' AS class, body ->> 'window' AS window,
	body ->> 'value' AS value, body ->> 'numerator' AS numerator, body ->> 'n' AS n, body ->> 'immature' AS immature,
	body ->> 'left_out' AS left_out, body ->> 'status' AS status
	FROM figure;

SELECT l.metric, l.statistic, coalesce(l.class, '-'), coalesce(l.window, '-'),
	'log: ' || coalesce(l.value, 'none') || ' = ' || coalesce(l.numerator, '-') || '/' || l.n || ', ' || l.immature || ' not mature, ' ||
	l.left_out || ' left out',
	'true: ' || coalesce(t.value, 'none') || ' = ' || coalesce(t.numerator, '-') || '/' || coalesce(t.n, '-') || ', ' ||
	coalesce(t.immature, 0) || ' not mature, ' || coalesce(t.left_out, 0) || ' left out'
	FROM logged_figure l LEFT JOIN true_figure t
	ON t.metric = l.metric AND t.statistic = l.statistic AND t.class IS l.class AND t.window IS l.window
	WHERE (l.status = 'ok' OR t.numerator > 0) AND (t.metric IS NULL OR l.n IS NOT t.n OR (t.numerator IS NOT NULL AND l.numerator IS NOT t.numerator)
	OR l.immature <> coalesce(t.immature, 0) OR l.left_out <> coalesce(t.left_out, 0)
	OR abs(coalesce(l.value, -1) - coalesce(t.value, -1)) > 0.0015);
