# shellcheck shell=bash disable=SC2153
# Every service is healthy: the logins of the monitoring exist, also on volumes that are older than the option.
# shellcheck source=../secret-files.sh
. "$OPS/lib/secret-files.sh"
# shellcheck source=../secret-live.sh
. "$OPS/lib/secret-live.sh"
work_dir

# monitor_role SECRET: the role app_monitor of the database in which this is its password.
monitor_role() {
  local at id
  at=$(rows secrets.tsv | awk -F '\t' -v s="$1" '$1 == s { split($7, part, ":"); print part[2] }')
  first_of "$SECRETS/$1"
  ! at_postgres "$at" app_monitor "$VALUE" <<<"DO \$\$ BEGIN IF NOT pg_has_role('pg_monitor', 'member') THEN RAISE 'no member'; END IF; END \$\$" || return 0
  id=$(service_container "$at") || return 0
  docker exec "$id" bash /docker-entrypoint-initdb.d/20-monitor.sh >"$WORK/said" 2>&1 ||
    die "the role app_monitor was not made: $(tail -n 1 "$WORK/said")" "ops/logs$AT $at"
  say "made the database role app_monitor"
}

while IFS= read -r secret <&3; do monitor_role "$secret"; done 3< <(rows secrets.tsv | awk -F '\t' '$7 ~ /^postgres-role:[^:]*:app_monitor:/ { print $1 }')
