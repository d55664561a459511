-- Figures in groups, from what facts.sql, bounds.sql and rest.sql leave: decisions that contradict by their channel and by who made
-- them; contacts, repeats and issues by the order that is named first in the contact, or in the issue.
CREATE OR REPLACE TEMP TABLE decided AS
WITH decision AS (
    SELECT told.action, told.inputs, told.verdict, told.actor, conversation.channel
    FROM told LEFT JOIN conversation USING (contact)
    WHERE told.type = 'decision.made' AND told.action IS NOT NULL AND told.inputs IS NOT NULL)
SELECT action, inputs, count(DISTINCT verdict) AS verdicts,
    CASE count(DISTINCT channel) WHEN 0 THEN NULL WHEN 1 THEN any_value(channel) ELSE 'several' END AS channel,
    CASE WHEN bool_or(actor = 'agent') AND bool_or(actor = 'bot') THEN 'both' WHEN bool_or(actor = 'agent') THEN 'human'
        WHEN bool_or(actor = 'bot') THEN 'bot' END AS agent_kind
FROM decision GROUP BY ALL HAVING count(*) >= 2;

CREATE OR REPLACE TEMP TABLE named AS
SELECT contact, issue, pos, value
FROM (SELECT row_number() OVER (ORDER BY time, coalesce("order", 0), rowid) AS pos, entities ->> '$.order' AS value FROM record)
    JOIN told USING (pos) JOIN issue_of USING (contact)
WHERE value IS NOT NULL;

CREATE OR REPLACE TEMP TABLE of_contact AS SELECT contact, arg_min(value, pos) AS "order" FROM named GROUP BY contact;
CREATE OR REPLACE TEMP TABLE of_issue AS SELECT issue, arg_min(value, pos) AS "order" FROM named GROUP BY issue;

CREATE OR REPLACE TEMP TABLE grouped AS
SELECT 'contradiction_rate' AS metric, channel, agent_kind, NULL AS "order", 'rate' AS statistic, NULL AS customer,
    count(*) AS n, count(*) FILTER (verdicts >= 2) AS x
FROM decided GROUP BY channel, agent_kind
UNION ALL
SELECT 'repeat_contact_rate', NULL, NULL, "order", 'rate', customer,
    count(*), count(*) FILTER (next_matter AND next_started - ended <= week())
FROM contact LEFT JOIN of_contact USING (contact)
WHERE hers AND known AND ended + week() <= getvariable('horizon') GROUP BY "order", customer;

FROM rates('grouped')
UNION ALL BY NAME
SELECT 'contacts' AS metric, "order", 'count' AS statistic, count(*) AS n, n AS value
FROM contact LEFT JOIN of_contact USING (contact) GROUP BY "order"
UNION ALL BY NAME
SELECT 'issues' AS metric, "order", 'count' AS statistic, count(*) AS n, n AS value
FROM issue LEFT JOIN of_issue USING (issue) GROUP BY "order";
