# shellcheck shell=bash disable=SC2153
# Every service is healthy: the logins of the monitoring exist, also on volumes that are older than the option.
# shellcheck source=../secret-files.sh
. "$OPS/lib/secret-files.sh"
# shellcheck source=../secret-live.sh
. "$OPS/lib/secret-live.sh"
work_dir

monitor_user() {
  local at acl source
  at=$(rows secrets.tsv | awk -F '\t' '$1 == "redis_monitor_password" { split($7, part, ":"); print part[2] }')
  first_of "$SECRETS/redis_monitor_password"
  ! at_redis "$at" monitor "$VALUE" PING || return 0
  acl=$(rows secrets.tsv | awk -F '\t' -v at="$at" '$4 ~ /^redis-acl:/ && index("," $5 ",", "," at ",") && !n++ { print $4 }')
  source=${acl#*:}
  first_of "$SECRETS/${source%%:*}"
  at_redis "$at" app "$VALUE" 'ACL LOAD' || die "Redis did not read its users again: $(tail -n 1 "$WORK/said")" "ops/logs$AT $at"
  say "Redis knows the user monitor"
}

monitor_user
