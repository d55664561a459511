SELECT count(*) AS kept FROM record;
