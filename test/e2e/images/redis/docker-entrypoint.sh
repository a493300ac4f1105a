#!/bin/bash
# Start-up of the redis stand-in. As root, and only when the bounding set lets it, it hands the data directory to
# redis and drops to uid 999; without SETUID and SETGID it silently stays root, as the official image does.
set -e -o pipefail

if [[ ${1:-} == -* || ${1:-} == *.conf ]]; then set -- redis-server "$@"; fi

as_redis=(setpriv --reuid=redis --regid=redis --clear-groups)
may() { setpriv --dump | grep -Eq "^Capability bounding set:.*\b$1\b"; }
notice() { echo "$1. Use SKIP_FIX_PERMS=1 to skip permission changes."; }

# give TEST MODE: makes the paths on stdin (NUL between them) usable for redis where they are not.
give() {
    local path mode problem
    while IFS= read -r -d '' path; do
        if [[ $1 == rw ]] && "${as_redis[@]}" test -r "$path" -a -w "$path"; then continue; fi
        if [[ $1 == r ]] && "${as_redis[@]}" test -r "$path"; then continue; fi
        mode=u+$1
        if [[ -d $path ]]; then mode+=x; fi
        problem=$(chown redis "$path" 2>&1) || notice "Warning: cannot change owner to 'redis' for '$path': $problem"
        problem=$(chmod "$mode" "$path" 2>&1) || notice "Warning: cannot change mode to '$mode' for '$path': $problem"
    done
}

give_data() {
    local stranger
    stranger=$(find . -mindepth 1 -maxdepth 1 ! -name '*.rdb' ! '(' -type d -name appendonlydir ')' -print -quit)
    if [[ $stranger ]]; then
        notice "Notice: Unknown file '$stranger' found in data dir. Permissions will not be modified"
    else
        # Under pipefail a directory that root cannot read (no DAC_OVERRIDE) ends the start here.
        find . -print0 | give rw
    fi
}

give_config() {
    local file=$1 mode=$2 dir stranger
    if [[ ! -f $file ]]; then return 0; fi
    dir=$(dirname "$file")
    stranger=$(find "$dir" -mindepth 1 -maxdepth 1 ! -path "$dir/$(basename "$file")" -print -quit)
    if [[ $stranger ]]; then
        notice "Notice: Unknown file '$stranger' found in '$dir'. Permissions will not be modified"
    else
        printf '%s\0' "$dir" "$file" | give "$mode"
    fi
}

program=$(command -v -- "${1:-}" || true)
server='' sentinel=''
if [[ $(readlink -f "$program") == /usr/local/bin/redis-server ]]; then
    server=yes
    if [[ $program == */redis-sentinel ]]; then sentinel=yes; fi
    for word in "${@:2}"; do
        if [[ $word == --sentinel ]]; then sentinel=yes; fi
    done
fi

if [[ $server && ! ${SKIP_DROP_PRIVS:-} && $(id -u) == 0 ]] && may setuid && may setgid; then
    if [[ ! ${SKIP_FIX_PERMS:-} ]]; then
        config=''
        if [[ ${2:-} != -* ]]; then config=${2:-}; fi
        if [[ $sentinel ]]; then
            give_config "$config" rw
        else
            give_data
            give_config "$config" r
        fi
    fi
    keep=-all
    if may sys_resource; then keep=-all,+sys_resource; fi
    exec "${as_redis[@]}" --nnp --inh-caps="$keep" --ambient-caps="$keep" --bounding-set="$keep" "$0" "$@"
fi

if [[ $(umask) == 0022 ]]; then umask 0077; fi
if [[ $server && ! $sentinel ]]; then echo "Starting Redis Server"; fi
exec "$@"
