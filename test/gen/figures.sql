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
	WHERE (l.status = 'ok' OR coalesce(t.numerator, t.n) > 0) AND (t.metric IS NULL OR l.n IS NOT t.n OR (t.numerator IS NOT NULL AND l.numerator IS NOT t.numerator)
	OR l.immature <> coalesce(t.immature, 0) OR l.left_out <> coalesce(t.left_out, 0)
	OR abs(coalesce(l.value, -1) - coalesce(t.value, -1)) > 0.0015);

-- What jmetrics measures has to be there.
CREATE TEMP TABLE measured(metric);
INSERT INTO measured VALUES ('contacts'), ('contacts.offered'), ('contacts.handled'), ('customers'), ('issues'), ('repeat_contact_rate'),
	('repeat_contact_rate.any_intent'), ('repeat_contact_rate.same_channel'), ('repeat_contact_rate.other_channel'),
	('repeat_contact_rate.overlapping'), ('first_contact_resolution.explicit'), ('first_contact_resolution.presumed'), ('reopen_rate'),
	('reopen_rate.case_reopened'), ('cross_channel_reopen_rate'), ('escalation_rate'), ('transfer_rate'), ('channel_switch_rate'),
	('channel_switch_success.explicit'), ('channel_switch_success.presumed'), ('first_response_time.any'),
	('first_response_time.human'), ('first_response_time.useful');
SELECT t.metric, t.statistic, coalesce(t.class, '-'), coalesce(t.window, '-'), 'log: nothing', 'true: ' || coalesce(t.value, 'none')
	FROM true_figure t JOIN measured m ON m.metric = t.metric
	WHERE (t.window IS NULL OR t.window = (SELECT max(window) FROM logged_figure) OR NOT EXISTS (SELECT 1 FROM logged_figure))
	AND coalesce(t.numerator, t.n) > 0 AND NOT EXISTS (SELECT 1 FROM logged_figure l
	WHERE l.metric = t.metric AND l.statistic = t.statistic AND l.class IS t.class);
