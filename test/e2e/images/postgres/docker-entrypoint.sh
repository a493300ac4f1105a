#!/usr/bin/env bash
# Start-up of the postgres stand-in, written to the documented behaviour of the official image.
# docker-ensure-initdb.sh sources this file for its functions.
set -Eeo pipefail

fail() { echo "Error: $*" >&2; exit 1; }

# setting NAME [DEFAULT]: takes NAME, or the content of the file NAME_FILE, and exports it as NAME. The export is
# part of the behaviour: the password ends up in the environment of the server that this script becomes.
setting() {
    local name=$1 file=$1_FILE
    if [[ ${!name:-} && ${!file:-} ]]; then fail "both $name and $file are set (but are exclusive)"; fi
    if [[ ${!file:-} ]]; then
        export "$name=$(<"${!file}")"
    else
        export "$name=${!name:-${2:-}}"
    fi
    unset "$file"
}

read_settings() {
    setting POSTGRES_PASSWORD
    setting POSTGRES_USER postgres
    setting POSTGRES_DB "$POSTGRES_USER"
    setting POSTGRES_INITDB_ARGS
    : "${POSTGRES_HOST_AUTH_METHOD:=}"
}

is_initialised() { [[ -s $PGDATA/PG_VERSION ]]; }

prepare_directories() {
    local waldir=${POSTGRES_INITDB_WALDIR:-}
    mkdir -p "$PGDATA"
    # Not being allowed to is no error yet: initdb tries again and knows better.
    chmod 0700 "$PGDATA" || true
    mkdir -p /var/run/postgresql || true
    chmod 3775 /var/run/postgresql || true
    if [[ $waldir ]]; then
        mkdir -p "$waldir"
        if [[ $EUID == 0 ]]; then chown -R postgres "$waldir"; fi
        chmod 0700 "$waldir"
    fi
    if [[ $EUID == 0 ]]; then
        find "$PGDATA" ! -user postgres -exec chown postgres {} +
        find /var/run/postgresql ! -user postgres -exec chown postgres {} +
    fi
}

check_password() {
    if [[ $POSTGRES_HOST_AUTH_METHOD == trust ]]; then
        echo "WARNING: POSTGRES_HOST_AUTH_METHOD has been set to \"trust\": every client gets in without a password." >&2
    elif [[ ! $POSTGRES_PASSWORD ]]; then
        fail "Database is uninitialized and superuser password is not specified." \
            "You must specify POSTGRES_PASSWORD to a non-empty value for the superuser."
    fi
}

create_cluster() {
    local args=(--username="$POSTGRES_USER")
    if [[ ${POSTGRES_INITDB_WALDIR:-} ]]; then args+=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
    # initdb wants a name for its uid; an arbitrary one gets it from nss_wrapper.
    local wrapper='' users groups
    if ! getent passwd "$EUID" >/dev/null; then
        wrapper=$(compgen -G '/usr/lib/*/libnss_wrapper.so' | head -n 1)
        users=$(mktemp) groups=$(mktemp)
        echo "postgres:x:$EUID:$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$users"
        echo "postgres:x:$(id -g):" >"$groups"
        export LD_PRELOAD=$wrapper NSS_WRAPPER_PASSWD=$users NSS_WRAPPER_GROUP=$groups
    fi
    # POSTGRES_INITDB_ARGS is split by the shell, quotes and all.
    eval "initdb \"\${args[@]}\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS"
    if [[ $wrapper ]]; then
        rm -f "$users" "$groups"
        unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
    fi
}

# allow_hosts [SERVER ARGS]: every address may come, with the server's own way of checking passwords.
allow_hosts() {
    local method=${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}
    printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

sql() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"; }
app_sql() { sql --dbname "$POSTGRES_DB" "$@"; }

create_database() {
    local found
    found=$(sql --dbname postgres --tuples-only --set db="$POSTGRES_DB" <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
    if [[ ! $found ]]; then sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'; fi
}

run_init_files() {
    local file
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sh)
                if [[ -x $file ]]; then
                    echo "$0: running $file"
                    "$file"
                else
                    echo "$0: sourcing $file"
                    # shellcheck source=/dev/null
                    . "$file"
                fi
                ;;
            *.sql) echo "$0: running $file"; app_sql -f "$file" ;;
            *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | app_sql ;;
            *.sql.xz) echo "$0: running $file"; xzcat "$file" | app_sql ;;
            *.sql.zst) echo "$0: running $file"; zstd -dc "$file" | app_sql ;;
            *) echo "$0: ignoring $file" ;;
        esac
    done
}

# initialise [SERVER ARGS]: creates the cluster and fills it through a server that listens on the unix socket only.
initialise() {
    check_password
    ls /docker-entrypoint-initdb.d/ >/dev/null
    create_cluster
    allow_hosts "$@"
    export PGPASSWORD=${PGPASSWORD:-$POSTGRES_PASSWORD}
    NOTIFY_SOCKET='' PGUSER=${PGUSER:-$POSTGRES_USER} pg_ctl -D "$PGDATA" -w start \
        -o "$(printf '%q ' "$@" -c listen_addresses= -p "${PGPORT:-5432}")"
    create_database
    run_init_files
    PGUSER=${PGUSER:-postgres} pg_ctl -D "$PGDATA" -m fast -w stop
    unset PGPASSWORD
}

only_asks() {
    local word
    for word; do
        case $word in -'?' | --help | --describe-config | -V | --version) return 0 ;; esac
    done
    return 1
}

main() {
    if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
    if [[ ${1:-} == postgres ]] && ! only_asks "$@"; then
        read_settings
        prepare_directories
        if [[ $EUID == 0 ]]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi
        if is_initialised; then
            printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
        else
            initialise "${@:2}"
            printf '\nPostgreSQL init process complete; ready for start up.\n\n'
        fi
    fi
    exec "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then main "$@"; fi
