-- How many rows each figure of jtools-metrics(7) leaves out (left_out: of customers who are not known, or of what nobody noted) and how
-- many it has not seen whole (immature), by metric and group: none of those that are not told. Run in one process with facts.sql,
-- bounds.sql, rest.sql, switches.sql, questions.sql and opportunities.sql, from what they leave.
CREATE OR REPLACE TEMP TABLE omitted AS
WITH opened AS (
    SELECT *, coalesce(first_closed <= first_ended + week(), false) AS closed_soon,
        first_ours_last AND NOT first_asks_last AND first_ended + day() <= getvariable('horizon')
            AND coalesce(first_next_in - first_ended > day(), true) AS presumed
    FROM issue WHERE hers AND first_handled),
spoken AS (SELECT * FROM contact WHERE hers AND first_in IS NOT NULL),
-- seen: until when it must have been.
row AS (
    SELECT unnest(['repeat_contact_rate', 'repeat_contact_rate.any_intent', 'repeat_contact_rate.same_channel',
            'repeat_contact_rate.other_channel', 'repeat_contact_rate.overlapping']) AS metric, NULL AS class, NULL AS channel,
        NULL AS last_channel, known AS counts, ended + week() AS seen
    FROM contact WHERE hers
    UNION ALL SELECT 'no_follow_up_rate', NULL, NULL, NULL, true, ended + day() FROM contact WHERE hers
    UNION ALL SELECT 'containment_rate.durable', NULL, NULL, NULL, known, ended + week() FROM fate WHERE bot
    UNION ALL SELECT unnest(['first_response_time.any', 'first_response_time.human', 'first_response_time.useful',
            'first_response_time.business_any', 'first_response_time.business_human', 'first_response_time.business_useful']), class,
        NULL, NULL, wait_known, 0 FROM spoken
    UNION ALL SELECT unnest(['service_level', 'wait_time']), class, NULL, NULL, wait_known, 0 FROM contact WHERE hers
    UNION ALL SELECT 'handle_time', class, NULL, NULL, wait_known AND coalesce(ended >= own_answer, true), 0 FROM fate WHERE hers
    UNION ALL SELECT unnest(['first_contact_resolution.explicit', 'first_contact_resolution.presumed']), NULL, NULL, NULL, known,
        first_ended + week() FROM opened
    UNION ALL SELECT 'durable_resolution_rate.explicit', NULL, NULL, NULL, known, first_ended + week() FROM opened WHERE closed_soon
    UNION ALL SELECT 'durable_resolution_rate.presumed', NULL, NULL, NULL, known, first_ended + week()
    FROM opened WHERE closed_soon OR presumed
    UNION ALL SELECT unnest(['reopen_rate', 'reopen_rate.case_reopened', 'cross_channel_reopen_rate']), NULL, NULL, NULL, known,
        closed + week() FROM issue WHERE closed IS NOT NULL
    UNION ALL SELECT 'effort', NULL, NULL, NULL, known, 0 FROM issue
    UNION ALL SELECT 'channel_switch_rate', NULL, NULL, NULL, known, 0 FROM issue WHERE contacts >= 2
    UNION ALL SELECT 'repeated_question_rate', NULL, NULL, NULL, any_value(known), 0 FROM question GROUP BY issue
    UNION ALL SELECT unnest(['channel_switch_success.explicit', 'channel_switch_success.presumed']), NULL, NULL, NULL, known,
        ended + week() FROM change JOIN contact USING (contact)
    UNION ALL SELECT 'commitments_kept_rate', NULL, NULL, NULL, true, epoch_ms(due::TIMESTAMP)
    FROM told WHERE type = 'commitment.made' AND due IS NOT NULL
    UNION ALL SELECT unnest(['conversion', 'opportunity_abandonment_rate']), NULL, NULL, NULL, known, ended + month() FROM lapse
    UNION ALL SELECT unnest(['stalled_lead_rate', 'stalled_lead_rate.awaiting_customer']), NULL, NULL, NULL, known, ended + 2 * day()
    FROM lapse
    UNION ALL SELECT 'recovered_rate', NULL, NULL, NULL, known, ended + month() FROM lapse WHERE stalls OR abandoned
    UNION ALL SELECT 'conversion_by_channel.first', NULL, channel, NULL, known, ended + month() FROM lapse
    UNION ALL SELECT 'conversion_by_channel.last', NULL, NULL, last_channel, known, ended + month() FROM lapse
    UNION ALL SELECT 'conversion_by_channel.any', NULL, unnest(channels), NULL, known, ended + month() FROM lapse)
SELECT metric, class, channel, last_channel, count(*) FILTER (NOT counts) AS left_out,
    count(*) FILTER (counts AND seen > getvariable('horizon')) AS immature
FROM row GROUP BY ALL;

FROM omitted WHERE left_out > 0 OR immature > 0;
