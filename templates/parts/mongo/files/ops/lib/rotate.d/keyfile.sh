# shellcheck shell=bash disable=SC2153
# A key by which members of a set know each other. Each reads it when it starts, so each is made again twice: first it takes both keys,
# so that members with either let each other in; then the new one alone.

takes_keyfile() { return 0; } # there is nobody to ask: it is no login

# members_with STEP: makes those that ran when it began again, one after another. Those that were, before this was cut off, are left alone
# where they are well; one that is away is not, as this may have been cut off in between.
members_with() {
  local service
  while IFS= read -r service <&4; do
    ! { grep -Fqx -- "$1 $service" "$J/renewed" 2>/dev/null && well "$service"; } || continue
    again "$service"
    printf '%s %s\n' "$1" "$service" >>"$J/renewed"
  done 4<"$J/members"
}

running_members() {
  local service
  for service in $(printf '%s' "$CONSUMERS" | tr , ' '); do
    ! service_container "$service" >/dev/null || printf '%s\n' "$service"
  done
}

rotate_keyfile() {
  [ -f "$J/members" ] || { running_members >"$J/members.new" && mv -f -- "$J/members.new" "$J/members"; }
  if ! grep -q adopted "$J/step"; then
    offer
    members_with both
    reached offered "every member takes the old key and the new one"
    adopt
    reached adopted "the file holds the new key alone"
  fi
  members_with new
  reached proven "every member has the new key alone"
}
