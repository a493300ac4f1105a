#!/usr/bin/env bash
# Makes the three roles, on the first start of an empty volume (the image runs what is in
# /docker-entrypoint-initdb.d then, and only then). Safe to run again by hand.
#   app_owner  owns the schema and runs migrations
#   app        reads and writes rows, changes no table
#   app_backup reads every row, for backups; writes nothing
set -euo pipefail

if [[ "${1:-}" == --help ]]; then
  sed -n '2,6s/^# \{0,1\}//p' "$0"
  exit 0
fi

# shellcheck source-path=SCRIPTDIR source=secret.bash
. "${BASH_SOURCE[0]%/*}/secret.bash"

owner_password=$(read_secret db_owner_password)
app_password=$(read_secret db_app_password)
backup_password=$(read_secret db_backup_password)
PGPASSWORD=$(read_secret postgres_password)
export PGPASSWORD

# The passwords travel on standard input: a command line would show them to every process.
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" <<SQL
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest(ARRAY['app_owner', 'app', 'app_backup']) AS name
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
ALTER ROLE app_owner WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${owner_password}';
ALTER ROLE app WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${app_password}';
-- BYPASSRLS: a dump must not lack the rows that a policy hides.
ALTER ROLE app_backup WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS CONNECTION LIMIT 5 PASSWORD '${backup_password}';
GRANT pg_read_all_data TO app_backup;
ALTER ROLE app_backup SET default_transaction_read_only = on;

REVOKE ALL ON DATABASE "${POSTGRES_DB}" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE "${POSTGRES_DB}" TO app_owner, app;
GRANT CONNECT ON DATABASE "${POSTGRES_DB}" TO app_backup;

-- public belongs to the owner alone, so what the application can reach is what is granted here.
ALTER SCHEMA public OWNER TO app_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO app;

ALTER ROLE app SET statement_timeout = '30s';
ALTER ROLE app SET idle_in_transaction_session_timeout = '60s';
SQL
echo "10-roles.sh: roles app_owner, app and app_backup are ready in ${POSTGRES_DB}"
