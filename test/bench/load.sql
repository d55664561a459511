-- Takes the records of the file $input into the table record. One that is there already, by source and id, is left out.
CREATE TABLE IF NOT EXISTS record(
    source VARCHAR, id VARCHAR, type VARCHAR, time TIMESTAMP, session VARCHAR, channel VARCHAR, direction VARCHAR, actor VARCHAR,
    text VARCHAR, identifiers STRUCT(kind VARCHAR, value VARCHAR)[], name VARCHAR, agent VARCHAR, lang VARCHAR, region VARCHAR,
    intent VARCHAR, confidence DOUBLE, ontology VARCHAR, entities JSON, sentiment DOUBLE, signals VARCHAR[], asks VARCHAR[], stage VARCHAR,
    "case" VARCHAR, reason VARCHAR, "from" VARCHAR, "to" VARCHAR, duration DOUBLE, wait DOUBLE, purpose VARCHAR,
    consent_channel VARCHAR, verdict VARCHAR, policies JSON, inputs JSON, context JSON, score DOUBLE, scale VARCHAR, action VARCHAR,
    amount DOUBLE, currency VARCHAR, due VARCHAR, "order" BIGINT,
    PRIMARY KEY (source, id));

INSERT INTO record BY NAME
SELECT * EXCLUDE data, data.* EXCLUDE channel, data.channel AS consent_channel
FROM read_json(getvariable('input'), format = 'newline_delimited', columns = {
    source: 'VARCHAR', id: 'VARCHAR', type: 'VARCHAR', time: 'TIMESTAMP', session: 'VARCHAR', channel: 'VARCHAR',
    direction: 'VARCHAR', actor: 'VARCHAR',
    data: 'STRUCT(text VARCHAR, identifiers STRUCT(kind VARCHAR, value VARCHAR)[], name VARCHAR, agent VARCHAR, lang VARCHAR,
        region VARCHAR, intent VARCHAR, confidence DOUBLE, ontology VARCHAR, entities JSON, sentiment DOUBLE, signals VARCHAR[], asks VARCHAR[],
        stage VARCHAR, "case" VARCHAR, reason VARCHAR, "from" VARCHAR, "to" VARCHAR, duration DOUBLE, wait DOUBLE, purpose VARCHAR,
        channel VARCHAR, verdict VARCHAR, policies JSON, inputs JSON, context JSON, score DOUBLE, scale VARCHAR, action VARCHAR,
        amount DOUBLE, currency VARCHAR, due VARCHAR, "order" BIGINT)'})
ON CONFLICT DO NOTHING;
