-- The same as plain, for the sqlite3 shell: takes the records on standard input.
CREATE TABLE record(source TEXT, id TEXT, time TEXT, body TEXT, PRIMARY KEY (source, id));
CREATE TEMP TABLE line(body TEXT);
.mode ascii
.separator "\001" "\n"
.import /dev/stdin line
INSERT OR IGNORE INTO record SELECT body ->> 'source', body ->> 'id', body ->> 'time', body FROM line;
