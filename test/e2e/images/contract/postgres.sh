# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing postgres curl wget ping gcc git sudo nc
present postgres gosu psql postgres initdb pg_ctl pg_isready pg_dump pg_dumpall pg_restore docker-entrypoint.sh docker-ensure-initdb.sh docker-enforce-initdb.sh gunzip xzcat zstd less gpg
is 'postgres: user and group 999, home, shell' '999 999 /var/lib/postgresql /bin/bash' \
    "$(inside postgres 'echo $(id -u postgres) $(id -g postgres) $(getent passwd postgres | cut -d: -f6) $(getent passwd postgres | cut -d: -f7)')"
is 'postgres: data 1777, socket directory 3777, both of 999' '1777 999:999 /var/lib/postgresql/data,3777 999:999 /var/run/postgresql' \
    "$(inside postgres 'stat -c "%a %u:%g %n" /var/lib/postgresql/data /var/run/postgresql' | paste -sd,)"
is 'postgres: starts as root, entrypoint, command, stop signal' '|[docker-entrypoint.sh]|[postgres]|SIGINT' \
    "$(config postgres '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}|{{.Config.StopSignal}}')"
is 'postgres: volume and port' 'map[/var/lib/postgresql/data:{}] map[5432/tcp:{}]' "$(config postgres '{{.Config.Volumes}} {{.Config.ExposedPorts}}')"
is 'postgres: PG_MAJOR, PGDATA, LANG' '17 /var/lib/postgresql/data en_US.utf8' "$(inside postgres 'echo $PG_MAJOR $PGDATA $LANG')"
is 'postgres: PG_VERSION is what runs' "$(inside postgres 'postgres --version | sed "s/.*PostgreSQL) \([0-9.]*\).*/\1/"')" "$(inside postgres 'echo ${PG_VERSION%%-*}')"

secret=canary5e3d1c
printf %s "$secret" >"$work/password"
chmod 0444 "$work/password"
chmod 0755 "$work"
ready=(psql -h 127.0.0.1 -U postgres -Atc 'select 1')
from_file=(-e POSTGRES_PASSWORD_FILE=/run/secrets/p -v "$work/password:/run/secrets/p:ro")
as_root=(--tmpfs '/run/postgresql:size=1m,mode=3777' --tmpfs '/tmp:size=64m,mode=1777')
as_999=(--user 999:999 --tmpfs '/run/postgresql:size=1m,mode=0700,uid=999,gid=999' --tmpfs '/tmp:size=64m,mode=1777')
ensure=(--entrypoint bash)
ensure_command=(-ec 'docker-ensure-initdb.sh postgres; exec postgres')

# row LABEL WANTED OPTIONS...: first boot on a fresh volume and restart on the filled one, read-only, only these capabilities.
row() {
    local what=$1 wanted=$2 first second=-
    shift 2
    start pg postgres "${hardened[@]}" "${from_file[@]}" -v "$(volume pg):/var/lib/postgresql/data" "$@"
    first=$(until_up pg "${ready[@]}")
    if [[ $first == up ]]; then
        restart pg
        second=$(until_up pg "${ready[@]}")
    fi
    is "postgres, $what: first boot / restart" "$wanted" "$first / $second"
    docker rm -fv "$run-pg" >/dev/null
    docker volume rm "$run-pg" >/dev/null
}
caps() { local cap; for cap; do printf -- '--cap-add\n%s\n' "$cap"; done; }
root_row() {
    local wanted=$1 added
    shift
    mapfile -t added < <(caps "$@")
    row "root with ${*:-no capability}" "$wanted" "${as_root[@]}" ${added[@]+"${added[@]}"}
}
root_row 'up / up' CHOWN DAC_OVERRIDE SETGID SETUID
root_row 'up / up' CHOWN DAC_READ_SEARCH SETGID SETUID
root_row 'up / up' CHOWN DAC_OVERRIDE FOWNER SETGID SETUID
root_row 'up / exit 1' CHOWN SETGID SETUID
root_row 'exit 1 / -' CHOWN FOWNER SETGID SETUID
root_row 'exit 1 / -' SETGID SETUID
root_row 'exit 1 / -'
row '999:999 without capabilities' 'up / up' "${as_999[@]}"
row '999:999 without a tmpfs for the socket' 'exit 1 / -' --user 999:999 --tmpfs /tmp
row '1001:1001 on a fresh volume' 'exit 1 / -' --user 1001:1001 --tmpfs '/run/postgresql:mode=3777' --tmpfs /tmp

# After the step down nothing is left of the capabilities.
start pg postgres "${hardened[@]}" "${from_file[@]}" "${as_root[@]}" --cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add SETGID --cap-add SETUID
is 'postgres: root steps down' up "$(until_up pg "${ready[@]}")"
is 'postgres: process 1 is 999 without capabilities' '999 0000000000000000' "$(status_of pg '^Uid:') $(status_of pg '^CapEff:')"

# The password's way: the standard start leaves it with process 1, the other one does not.
start pg postgres "${hardened[@]}" "${from_file[@]}" "${as_999[@]}" -v "$(volume pg):/var/lib/postgresql/data"
until_up pg "${ready[@]}" >/dev/null
is 'postgres: standard start leaves the password in the environment' leaks "$(reaches_pid1 pg "$secret")"
restart pg
until_up pg "${ready[@]}" >/dev/null
is 'postgres: and again after a restart' leaks "$(reaches_pid1 pg "$secret")"
is 'postgres: stops on SIGINT with 0' 0 "$(stop_code pg)"
start pg postgres "${hardened[@]}" "${from_file[@]}" "${as_999[@]}" -v "$run-pg:/var/lib/postgresql/data" "${ensure[@]}" -- "${ensure_command[@]}"
is 'postgres: ensure-initdb on a filled volume' up "$(until_up pg "${ready[@]}")"
is 'postgres: ensure-initdb leaves nothing, filled volume' clean "$(reaches_pid1 pg "$secret")"
has 'postgres: ensure-initdb says that it did nothing' 'already initialized' "$(logs pg)"
start pg postgres "${hardened[@]}" "${from_file[@]}" "${as_999[@]}" -v "$run-pg:/var/lib/postgresql/data" --entrypoint docker-enforce-initdb.sh
is 'postgres: enforce-initdb refuses a filled volume' 'exit 1' "$(until_up pg "${ready[@]}")"
docker rm -fv "$run-pg" >/dev/null
docker volume rm "$run-pg" >/dev/null

# First start with init files, an own user, an own database and scram on the socket.
mkdir -p "$work/init"
echo '[ -z "${INIT_CHILD:-}" ] && SOURCED=yes' >"$work/init/10-source.sh"
printf '#!/bin/sh\nif pg_isready -q -h 127.0.0.1; then echo TCP-open; else echo TCP-closed; fi\necho "user $POSTGRES_USER db $POSTGRES_DB"\n' >"$work/init/20-run.sh"
echo 'create table made_by as select current_user as who, current_database() as db;' >"$work/init/30.sql"
echo "insert into made_by values ('gz', 'gz');" | gzip >"$work/init/40.sql.gz"
echo 'nothing' >"$work/init/50.txt"
chmod 0644 "$work"/init/*
chmod 0755 "$work/init" "$work/init/20-run.sh"
start pg postgres "${hardened[@]}" "${from_file[@]}" "${as_999[@]}" -v "$(volume pg):/var/lib/postgresql/data" -v "$work/init:/docker-entrypoint-initdb.d:ro" \
    -e POSTGRES_USER=boss -e POSTGRES_DB=shop -e 'POSTGRES_INITDB_ARGS=--auth-local=scram-sha-256 --auth-host=scram-sha-256' \
    "${ensure[@]}" -- "${ensure_command[@]}"
ask() { docker exec -e PGPASSWORD="$secret" "$run-pg" psql -h 127.0.0.1 -U boss -d shop -Atc "$1" 2>&1; }
is 'postgres: first start with init files, over ensure-initdb' up "$(until_up pg pg_isready -q -h 127.0.0.1 -U boss -d shop)"
is 'postgres: ensure-initdb leaves nothing, first start' clean "$(reaches_pid1 pg "$secret")"
has 'postgres: a plain .sh is sourced' 'sourcing /docker-entrypoint-initdb.d/10-source.sh' "$(logs pg)"
has 'postgres: an executable .sh is run' 'running /docker-entrypoint-initdb.d/20-run.sh' "$(logs pg)"
has 'postgres: another file is ignored' 'ignoring /docker-entrypoint-initdb.d/50.txt' "$(logs pg)"
has 'postgres: the init server listens on the socket only' 'TCP-closed' "$(logs pg)"
has 'postgres: init files know user and database' 'user boss db shop' "$(logs pg)"
is 'postgres: .sql and .sql.gz ran as that user in that database' 'boss|shop,gz|gz' "$(ask 'select * from made_by' | paste -sd,)"
is 'postgres: no password, no way in over TCP' no "$(docker exec "$run-pg" psql -w -h 127.0.0.1 -U boss -d shop -c 'select 1' >/dev/null 2>&1 && echo yes || echo no)"
is 'postgres: nor over the socket, as initdb was told' no "$(docker exec "$run-pg" psql -w -U boss -d shop -c 'select 1' >/dev/null 2>&1 && echo yes || echo no)"
is 'postgres: every address may come, with scram' 'host all all all scram-sha-256' "$(docker exec "$run-pg" tail -n 1 /var/lib/postgresql/data/pg_hba.conf)"
is 'postgres: listens on every address' '*' "$(ask 'show listen_addresses')"
is 'postgres: speaks UTF-8' UTF8 "$(ask 'show server_encoding')"
restart pg
is 'postgres: restart' up "$(until_up pg pg_isready -q -h 127.0.0.1 -U boss -d shop)"
is 'postgres: init files ran once' 2 "$(ask 'select count(*) from made_by')"
docker rm -fv "$run-pg" >/dev/null
docker volume rm "$run-pg" >/dev/null

start pg postgres
is 'postgres: refuses to start without a password' 'exit 1' "$(until_up pg "${ready[@]}")"
has 'postgres: and says so' 'superuser password is not specified' "$(logs pg)"
start pg postgres "${from_file[@]}" -e POSTGRES_PASSWORD=x
is 'postgres: refuses a password and a password file' 'exit 1' "$(until_up pg "${ready[@]}")"
start pg postgres -e POSTGRES_HOST_AUTH_METHOD=trust
is 'postgres: trust needs no password' up "$(until_up pg "${ready[@]}")"
mkdir -p "$work/bad"
echo 'select no_such_thing;' >"$work/bad/1.sql"
chmod 0755 "$work/bad"
start pg postgres -e POSTGRES_PASSWORD=x -v "$work/bad:/docker-entrypoint-initdb.d:ro"
is 'postgres: a failing init file ends the start' 'exit 3' "$(until_up pg "${ready[@]}")"
is 'postgres --version needs no data directory' fine \
    "$(docker run --rm --network none --label "$owner" "${hardened[@]}" --user 999:999 "${image_of[postgres]}" --version | grep -q 'PostgreSQL) 17' && echo fine)"
docker rm -fv "$run-pg" >/dev/null
