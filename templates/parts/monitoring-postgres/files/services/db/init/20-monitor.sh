#!/usr/bin/env bash
# Makes the role app_monitor, which reads the statistics of the server and no rows. On the first start of an empty volume
# the image runs this; on a volume that was there before, ops/up does. Safe to run again by hand.
set -euo pipefail

if [[ "${1:-}" == --help ]]; then
  sed -n '2,3s/^# \{0,1\}//p' "$0"
  exit 0
fi

# shellcheck source-path=SCRIPTDIR source=secret.bash
. "${BASH_SOURCE[0]%/*}/secret.bash"

monitor_password=$(read_secret db_monitor_password)
PGPASSWORD=$(read_secret postgres_password)
export PGPASSWORD

# The password travels on standard input: a command line would show it to every process.
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" <<SQL
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SELECT 'CREATE ROLE app_monitor LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_monitor') \gexec
ALTER ROLE app_monitor WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 5 PASSWORD '${monitor_password}';
ALTER ROLE app_monitor SET default_transaction_read_only = on;
ALTER ROLE app_monitor SET statement_timeout = '5s';
GRANT pg_monitor TO app_monitor;
GRANT CONNECT ON DATABASE "${POSTGRES_DB}" TO app_monitor;
SQL
echo "20-monitor.sh: role app_monitor is ready in ${POSTGRES_DB}"
