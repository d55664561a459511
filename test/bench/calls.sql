-- The list of calls $input as records in the file $output, on one thread, as ours does it.
SET threads = 1;
COPY (
    SELECT '1.0' AS specversion, call_id AS id, 'voice/bench' AS source, 'call' AS type,
        strftime(strptime(started, '%d/%m/%Y %H:%M:%S'), '%Y-%m-%dT%H:%M:%S.000Z') AS time, call_id AS session, 'voice' AS channel,
        CASE direction WHEN 'inbound' THEN 'in' ELSE 'out' END AS direction,
        CASE direction WHEN 'inbound' THEN 'customer' ELSE 'agent' END AS actor,
        {text: said, identifiers: [{kind: 'phone', value: '+55' || regexp_replace(caller, '[^0-9]', '', 'g')}],
            agent: agent, reason: result, wait: wait_s, duration: wait_s + talk_s, ext: {queue: queue}} AS data
    FROM read_csv(getvariable('input'), header = true, columns = {call_id: 'VARCHAR', started: 'VARCHAR',
        direction: 'VARCHAR', caller: 'VARCHAR', queue: 'VARCHAR', agent: 'VARCHAR', wait_s: 'BIGINT', talk_s: 'BIGINT',
        result: 'VARCHAR', said: 'VARCHAR'})
) TO (getvariable('output')) (FORMAT json);
