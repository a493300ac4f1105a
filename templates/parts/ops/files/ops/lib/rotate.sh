# shellcheck shell=bash
# "ops/secrets rotate": a new value where the secret lives, in its file, and with its readers, in an order in which at no
# moment a reader is without one that works. How, says the column "rotate" of ops/data/secrets.tsv.
#
# secrets/.rotate/NAME is the journal: old, new, and the step that was reached. Every step can be done again, so a run
# that was cut off is finished by the next one, whatever it was doing.

GRACE=${ROTATE_GRACE:-2}

reached() { # STEP SENTENCE
  printf '%s\n' "$1" >"$J/step.new"
  mv -f -- "$J/step.new" "$J/step"
  say "  $1: $2"
}

# unfinished: the names whose rotation was cut off.
unfinished() {
  local dir
  for dir in "$SECRETS"/.rotate/*/; do
    [ ! -d "$dir" ] || basename -- "$dir"
  done
}

# begin: the journal, complete or not there at all. A value must be on the disk before anything believes in it.
begin() {
  local draft
  draft=$(mktemp -d "$SECRETS/.rotate/.draft.XXXXXX")
  at_exit rm -rf -- "$draft"
  if [ -n "$TAKE" ]; then
    provider_value "$NAME"
    taken_value "$VALUE"
    printf '%s' "$VALUE" >"$draft/new"
  else
    content "$KIND" "$BYTES" - >"$draft/new"
  fi
  value_of "$SECRETS/$NAME"
  printf '%s' "$VALUE" >"$draft/old"
  echo begun >"$draft/step"
  mv -- "$draft" "$J"
  sync
}

# taken_value VALUE: the one to use of it, into VALUE, when it is one that a rotation can bring everywhere.
taken_value() {
  local first=${1%%$'\n'*}
  case $first in '' | *[!0-9a-f]*) die "the value of $NAME there is not hexadecimal: it would break configuration lines" "ops/secrets rotate$AT $NAME makes one that is" ;; esac
  [ "${#first}" -ge $((2 * BYTES)) ] || die "the value of $NAME there is shorter than $BYTES bytes" "ops/secrets rotate$AT $NAME makes a longer one"
  first_of "$SECRETS/$NAME"
  [ "$VALUE" != "$first" ] || die "$NAME has the value already that is there" "ops/secrets check$AT"
  VALUE=$first
}

# stale_readers: running consumers that see another file than the one in the folder, because it was replaced by name.
stale_readers() {
  local service status
  for service in $(printf '%s' "$CONSUMERS" | tr , ' '); do
    status=0
    lives_in "$ROTATE" "$service" || holds "$service" "$NAME" || status=$?
    [ "$status" -ne 1 ] || printf '%s\n' "$service"
  done
}

# renew SERVICE: a new container, as that is how it reads its files, where it runs. again SERVICE: in any case. Says for how long nobody
# was there.
renew() { ! service_container "$1" >/dev/null || again "$1"; }
again() {
  local began=$SECONDS
  remake 120 "$1" || { cat "$WORK/said" >&2; die "$1 was made again and is not well; ${NAME:-nothing} is half-way" "ops/logs$AT $1, then ops/secrets rotate$AT $NAME"; }
  say "  $1: made again, was away for up to $((SECONDS - began)) s"
}

# readers: those that read the file at their start only, one after another, and those that see another file.
readers() {
  local service
  for service in $( { printf '%s\n' "$RECREATE" | tr , '\n'; stale_readers; } | sed '/^-*$/d' | sort -u); do
    ! grep -Fqx -- "$service" "$J/renewed" 2>/dev/null || continue
    renew "$service"
    printf '%s\n' "$service" >>"$J/renewed"
  done
}

# offer, adopt: the file holds old and new while the value changes, then the new one alone. In between its first line
# is written while the second is the same: whoever reads in that moment finds a whole value.
offer() { rewrite "$SECRETS/$NAME" "$OLD"$'\n'"$NEW"; }
adopt() {
  rewrite "$SECRETS/$NAME" "$NEW"$'\n'"$NEW"
  rewrite "$SECRETS/$NAME" "$NEW"
}

# refused ROTATE: the new value gets in, the old one does not.
proven() {
  local status=0
  takes "$ROTATE" "$NEW" || die "the new $NAME does not get in: $(sed -n 1p "$WORK/said")" "ops/secrets rotate$AT $NAME"
  if plain_value "$OLD" && [ "$OLD" != "$NEW" ]; then takes "$ROTATE" "$OLD" || status=$?; else status=1; fi
  [ "$status" -eq 1 ] || die "the old $NAME still gets in" "ops/secrets rotate$AT $NAME"
  reached proven "the new value gets in, the old one is refused"
}

rotate_file() {
  offer
  reached offered "readers know the new value beside the old one"
  sleep "$GRACE"
  if [ "$ROTATE" = file ]; then
    adopt
  else
    # The old one last, for as long as what it signed is to be believed; what was kept before, after it.
    value_of "$J/old"
    rewrite "$SECRETS/$NAME" "$NEW"$'\n'"$VALUE"
  fi
  reached adopted "the new value is the one in use"
  readers
}

# rotate NAME
rotate() {
  local other
  umask 077
  J=$SECRETS/.rotate/$NAME
  private_dir "$SECRETS/.rotate"
  other=$(unfinished | awk -v me="$NAME" '$0 != me && !n++ { print }')
  # Each has a journal of its own, and one may need the other first (who changes a role's password logs in with one).
  [ -z "$other" ] || note "$ME: the rotation of $other is not finished either"
  if [ -d "$J" ]; then
    say "finishing the rotation of $NAME that ended after '$(cat "$J/step")'"
  else
    [ -s "$SECRETS/$NAME" ] || die "$(shown "$SECRETS/$NAME") is missing" "ops/secrets init$AT"
    [ ! -L "$SECRETS/$NAME" ] || die "$NAME is a symbolic link" "put the file itself there"
    first_of "$SECRETS/$NAME"
    before "$VALUE"
    provider_ready
    say "rotating $NAME"
    begin
  fi
  kind_of "$ROTATE" >/dev/null
  first_of "$J/old"
  OLD=$VALUE
  first_of "$J/new"
  NEW=$VALUE
  provider_store "$NAME" "$NEW"
  case $ROTATE in
    postgres-role:*) rotate_postgres ;;
    redis-acl:*) rotate_redis ;;
    file | file:*) rotate_file ;;
    *) "rotate_$(kind_of "$ROTATE")" ;;
  esac
  # Of keys that sign, the provider keeps the older ones as well.
  value_of "$SECRETS/$NAME"
  [ "$VALUE" = "$NEW" ] || provider_store "$NAME" "$VALUE"
  rm -rf -- "$J"
  settings_changed
  say "$NAME has a new value"
  case $ROTATE in file:*) say "next: ops/secrets retire$AT $NAME ends what the old one signed; without it, it is believed for ${ROTATE#file:} days" ;; esac
}

# before VALUE: a value that does not get in today was never the one in use: then a rotation hides a mistake.
before() {
  local status=0
  [ -z "$FORCE" ] || return 0
  takes "$ROTATE" "$1" || status=$?
  case $status in
    0) case $ROTATE in postgres-role:*) admin_gets_in ;; esac ;;
    1) die "today's $NAME does not log in: the file is newer than the volume" "put the old file back, or ops/secrets rotate$AT $NAME --force" ;;
    *) die "$NAME cannot be changed where it lives: $(sed -n 1p "$WORK/said")" "ops/up$AT, then ops/secrets rotate$AT $NAME" ;;
  esac
}

# retire: what the old value signed is believed no more.
retire() {
  case $ROTATE in file:*) ;; *) bad_usage "$NAME keeps no old value" ;; esac
  [ ! -d "$SECRETS/.rotate/$NAME" ] || die "the rotation of $NAME is not finished" "ops/secrets rotate$AT $NAME"
  J=$(mktemp -d "$WORK/journal.XXXXXX")
  lines_of "$SECRETS/$NAME"
  provider_store "$NAME" "${LINES[0]}"
  if [ "${#LINES[@]}" -gt 1 ]; then rewrite "$SECRETS/$NAME" "${LINES[0]}"; fi
  readers
  say "$NAME has one value: what older ones signed is refused"
}
