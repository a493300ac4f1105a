# shellcheck shell=bash
# PostgreSQL: which servers there are, as whom we log in, what a manifest is, how a database is made again.
#
# A project has one server, which has no name (-), or several with a name each: PRODUCT_DB_HOST is that of the server `product`. What is
# saved of a named one bears it: database `app` of it is `product.app`.

ROWS="psql -X -q -A -t -v ON_ERROR_STOP=1 -F $(printf '\t')"

# servers: the name of each, a dash for the one without.
servers() { compgen -e | sed -n 's/^\(\([A-Z][A-Z0-9]*\)_\)\{0,1\}DB_HOST$/\2/p' | tr '[:upper:]' '[:lower:]' | sed 's/^$/-/' | sort; }

# server_of NAME · database_of NAME: of what is saved as NAME. named SERVER DATABASE: the other way. suffix SERVER: for names of files.
server_of() { case $1 in *.*) printf '%s\n' "${1%%.*}" ;; *) echo - ;; esac; }
database_of() { printf '%s\n' "${1#*.}"; }
named() { if [ "$1" = - ]; then printf '%s\n' "$2"; else printf '%s.%s\n' "$1" "$2"; fi; }
suffix() { [ "$1" = - ] || printf -- '-%s' "$1"; }
# wal_of SERVER: where what is received of its log of changes is.
wal_of() { if [ "$1" = - ]; then printf '%s\n' "$WAL"; else printf '%s/%s\n' "$WAL" "$1"; fi; }

# log_in FOLDER [SERVER]: the password goes into a file of this run; a variable or an argument would show it. A file under rotation has two
# lines: the second when the first is refused.
log_in() {
  local passwords folder=$1 prefix='' host port ca
  [ "${2:--}" = - ] || prefix=${2}_
  host=${prefix^^}DB_HOST port=${prefix^^}DB_PORT ca=${prefix^^}DB_CA_FILE
  mapfile -t passwords <"$SECRETS/${prefix}db_backup_password"
  printf '*:*:*:*:%s\n' "${passwords[0]}" >"$folder/pgpass"
  # Where the server has a certificate of the project's CA: by that alone.
  unset PGSSLMODE PGSSLROOTCERT
  [ -z "${!ca:-}" ] || export PGSSLMODE=verify-full PGSSLROOTCERT=${!ca}
  export PGPASSFILE=$folder/pgpass PGHOST=${!host:?} PGPORT=${!port:?} PGUSER=${BACKUP_DB_USER:?}
  [ -n "${passwords[1]:-}" ] || return 0
  psql -X -q -d postgres -c '' >/dev/null 2>&1 || printf '*:*:*:*:%s\n' "${passwords[1]}" >"$folder/pgpass"
}

# databases: those that take connections, without templates, the empty maintenance database, and what a restore left for looking at.
databases() {
  $ROWS -d postgres -c "SELECT datname FROM pg_database
    WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' AND datname NOT LIKE '%\_scratch' ORDER BY datname"
}

# first_role: the superuser that initdb made; memberships are granted by it.
first_role() { $ROWS -d postgres -c 'SELECT rolname FROM pg_roles WHERE oid = 10'; }

# creation_of DATABASE: SQL that makes it again, empty, under the name in the psql variable db.
creation_of() {
  $ROWS -d postgres -v name="$1" <<'SQL'
SELECT format('CREATE DATABASE :"db" TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L LOCALE_PROVIDER %s%s;',
  pg_encoding_to_char(encoding), datcollate, datctype,
  CASE datlocprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
  CASE WHEN datlocale IS NULL THEN '' ELSE format(CASE datlocprovider WHEN 'i' THEN ' ICU_LOCALE %L' ELSE ' BUILTIN_LOCALE %L' END, datlocale) END)
FROM pg_database WHERE datname = :'name';
SELECT format('ALTER DATABASE :"db" OWNER TO %I;', pg_get_userbyid(datdba)) FROM pg_database WHERE datname = :'name';
SELECT 'REVOKE ALL ON DATABASE :"db" FROM PUBLIC;' FROM pg_database WHERE datname = :'name' AND datacl IS NOT NULL;
SELECT format('GRANT %s ON DATABASE :"db" TO %s%s;', privilege_type,
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database, aclexplode(datacl) WHERE datname = :'name' ORDER BY 1;
SELECT format('ALTER DATABASE :"db" SET %I TO %s;', split_part(one, '=', 1),
  CASE WHEN split_part(one, '=', 1) IN ('search_path', 'DateStyle') THEN substr(one, strpos(one, '=') + 1) ELSE quote_literal(substr(one, strpos(one, '=') + 1)) END)
FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) AS one
WHERE datname = :'name' AND setrole = 0 ORDER BY 1;
SQL
}

# globals: roles, their settings and memberships, without password hashes, which only a superuser may read.
globals() { pg_dumpall --globals-only --no-role-passwords; }
