-- What is compared of contacts and issues; the same statement for SQLite and DuckDB.
SELECT 'contact' AS fact, count(*) AS n, sum(started % 1000003) AS started, sum(ended % 1000003) AS ended,
    sum((started % 65521) * (ended % 65519) % 65537) AS both FROM contact
UNION ALL
SELECT 'issue', count(*), sum(started % 1000003), sum(ended % 1000003), sum((started % 65521) * (ended % 65519) % 65537) FROM issue
ORDER BY 1;
