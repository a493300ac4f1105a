# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing redis curl wget ping gcc git python3 sudo gosu
present redis redis-server redis-cli redis-sentinel redis-check-aof redis-check-rdb redis-benchmark docker-entrypoint.sh setpriv
is 'redis: servers live in /usr/local/bin' /usr/local/bin/redis-server "$(inside redis 'command -v redis-server')"
is 'redis: user and group 999' '999 999' "$(inside redis 'echo $(id -u redis) $(id -g redis)')"
is 'redis: /data is the working directory and belongs to 999' '/data 999:999' "$(inside redis 'echo $(pwd) $(stat -c %u:%g /data)')"
is 'redis: starts as root, entrypoint, command' '|[docker-entrypoint.sh]|[redis-server]' "$(config redis '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}')"
is 'REDIS_VERSION is what runs' "$(inside redis 'redis-server --version | sed "s/.* v=\([^ ]*\).*/\1/"')" "$(inside redis 'echo $REDIS_VERSION')"

password=canary9f27
ping=(sh -c 'redis-cli ping 2>&1 | grep -Eq "PONG|NOAUTH"')
aof=(redis-server --appendonly yes)
printf %s "$password" >"$work/redis_password"
chmod 0444 "$work/redis_password"
chmod 0755 "$work"
from_stdin='exec redis-server - <<END
appendonly yes
dir /data
protected-mode no
requirepass $(cat /run/secrets/redis_password)
END'
command_with_secret=(-v "$work/redis_password:/run/secrets/redis_password:ro" -- sh -ec "$from_stdin")

start rd redis "${hardened[@]}" --user 999:999 -v "$(volume rd):/data" --tmpfs /tmp:size=16m "${command_with_secret[@]}"
is 'redis: as 999, no capability, read-only, configuration on stdin' up "$(until_up rd "${ping[@]}")"
is 'redis: process 1 is the server itself' redis-server "$(docker exec "$run-rd" cat /proc/1/comm)"
is 'redis: password in neither environment nor command line' clean "$(reaches_pid1 rd "$password")"
has 'redis: asks for the password' NOAUTH "$(docker exec "$run-rd" redis-cli ping 2>&1)"
is 'redis-cli ping ends with 0 on NOAUTH (do not trust it)' 0 "$(docker exec "$run-rd" redis-cli ping >/dev/null 2>&1; echo $?)"
cli() { docker exec -e REDISCLI_AUTH="$password" "$run-rd" redis-cli "$@" 2>&1; }
is 'redis: stores' OK "$(cli set stored yes)"
restart rd
until_up rd "${ping[@]}" >/dev/null
is 'redis: still has it after a restart' yes "$(cli get stored)"
is 'redis: stops on SIGTERM with 0' 0 "$(stop_code rd)"

# row LABEL WANTED OPTIONS...: first start on a fresh volume, restart once an append-only file is there, owner of process 1.
row() {
    local what=$1 wanted=$2 first uid second=-
    shift 2
    docker rm -fv "$run-rd" >/dev/null
    docker volume rm "$run-rd" >/dev/null
    start rd redis "${hardened[@]}" -v "$(volume rd):/data" "$@" -- "${aof[@]}"
    first=$(until_up rd "${ping[@]}")
    uid=
    if [[ $first == up ]]; then
        uid=$(status_of rd '^Uid:')
        restart rd
        second=$(until_up rd "${ping[@]}")
    fi
    is "redis, $what: first start / restart as uid" "$wanted" "$first / $second as ${uid:-nobody}"
}
row '999:999 without capabilities' 'up / up as 999' --user 999:999
# Dropping the bounding set takes SETPCAP: without it the published entrypoint's setpriv call fails, too.
row 'root with DAC_OVERRIDE SETGID SETUID SETPCAP' 'up / up as 999' --cap-add DAC_OVERRIDE --cap-add SETGID --cap-add SETUID --cap-add SETPCAP
is 'redis: nothing is left of the capabilities' '0000000000000000 0000000000000000' "$(status_of rd '^CapEff:') $(status_of rd '^CapBnd:')"
if is_stand_in redis; then
    row 'root with DAC_OVERRIDE SETGID SETUID' 'exit 127 / - as nobody' --cap-add DAC_OVERRIDE --cap-add SETGID --cap-add SETUID
    row 'root with SETGID SETUID SETPCAP' 'up / exit 1 as 999' --cap-add SETGID --cap-add SETUID --cap-add SETPCAP
fi
# Nothing there to drop privileges with: it stays root and says nothing.
docker rm -fv "$run-rd" >/dev/null
start rd redis "${hardened[@]}" --tmpfs /data
is 'redis: root without capabilities runs' up "$(until_up rd "${ping[@]}")"
is 'redis: and silently stays root' 0 "$(status_of rd '^Uid:')"
start rd redis --user 999:999 -e SKIP_FIX_PERMS=1
is 'redis: default start as 999' up "$(until_up rd "${ping[@]}")"
is 'redis: a first argument that is an option goes to the server' 6400 \
    "$(start rd redis --user 999:999 -- --port 6400; until_up rd redis-cli -p 6400 ping >/dev/null; docker exec "$run-rd" redis-cli -p 6400 config get port | tail -n 1)"
is 'redis: another command runs itself' fine "$(docker run --rm --network none --label "$owner" "${image_of[redis]}" echo fine)"

# The ACL file of a scaffolded project: no clear password anywhere, health without one.
printf 'user default off\nuser app on #%s ~* &* +@all -@admin -@dangerous +info +keys\nuser health on nopass resetkeys resetchannels -@all +ping\n' \
    "$(printf %s "$password" | sha256sum | cut -d' ' -f1)" >"$work/acl"
chmod 0444 "$work/acl"
start rd redis "${hardened[@]}" --user 999:999 --tmpfs /data:uid=999,gid=999 -v "$work/acl:/run/secrets/redis_acl:ro" -- \
    redis-server --aclfile /run/secrets/redis_acl --protected-mode no
is 'redis: ACL file, health user without a password' up "$(until_up rd sh -c 'redis-cli --user health --pass x --no-auth-warning ping | grep -qx PONG')"
has 'redis: the default user is off' 'NOAUTH|NOPERM|Authentication' "$(docker exec "$run-rd" redis-cli get x 2>&1)"
is 'redis: the app user works' OK "$(docker exec -e REDISCLI_AUTH="$password" "$run-rd" redis-cli --user app set a b 2>&1)"
has 'redis: the app user may not do what is dangerous' NOPERM "$(docker exec -e REDISCLI_AUTH="$password" "$run-rd" redis-cli --user app flushall 2>&1)"
docker rm -fv "$run-rd" >/dev/null
