-- What a database holds, as lines by which two databases can be compared: objects by kind, rows and a checksum by table.
-- The checksum is a sum over the rows, so their order is no matter. What belongs to an extension is not dumped, so not counted.
\set QUIET on
\set ON_ERROR_STOP on
\pset format unaligned
\pset fieldsep '\t'
\pset tuples_only on
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET search_path = pg_catalog;
SET statement_timeout = 0;

SELECT 'objects', 'relation ' || relkind::text, count(*)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
GROUP BY relkind ORDER BY relkind;
SELECT 'objects', 'constraint ' || contype::text, count(*)
FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY contype ORDER BY contype;
SELECT 'objects', 'trigger', count(*) FROM pg_trigger WHERE NOT tgisinternal;
SELECT 'objects', 'function', count(*)
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e');
SELECT 'objects', 'extension ' || extname, 1 FROM pg_extension ORDER BY extname;
SELECT 'objects', 'large object', count(*) FROM pg_largeobject_metadata;

SELECT format(
  'SELECT %L, %L, count(*), coalesce(sum((''x'' || left(md5(whole_row_::text), 16))::bit(64)::bigint), 0) FROM ONLY %I.%I AS whole_row_',
  'table', nspname || '.' || relname, nspname, relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)'
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
ORDER BY nspname COLLATE "C", relname COLLATE "C"
\gexec
