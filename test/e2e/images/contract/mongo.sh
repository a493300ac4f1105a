# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing mongo curl wget ping gcc git python3 sudo node nc
present mongo mongod mongosh mongodump mongorestore docker-entrypoint.sh gosu jq numactl ps openssl perl
is 'mongo: user and group 999, at home in /data/db' '999 999 /data/db' "$(inside mongo 'echo $(id -u mongodb) $(id -g mongodb) $HOME')"
is 'mongo: starts as root, entrypoint, command' '|[docker-entrypoint.sh]|[mongod]' "$(config mongo '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}')"
is 'mongo: volumes' 'map[/data/configdb:{} /data/db:{}]' "$(config mongo '{{.Config.Volumes}}')"
is 'mongo: an option that it does not know ends it with 2' 2 "$(docker run --rm --label "$owner" --network none "${image_of[mongo]}" mongod --nosuch >/dev/null 2>&1; echo $?)"

# The keyfile: what mongod refuses, and what it takes.
openssl rand -base64 756 | tr -d '\n' >"$work/keyfile"
keyed() { # keyed NAME PREPARE: a member whose keyfile is made so; what it says
    docker run --rm --label "$owner" --network none --user 999:999 --tmpfs /run/mongo:uid=999,gid=999,mode=0700 --tmpfs /tmp -v "$work/keyfile:/key:ro" "${image_of[mongo]}" \
        bash -c "$1; exec timeout 15 mongod --replSet rs0 --bind_ip 127.0.0.1 --keyFile /run/mongo/keyfile" 2>&1 || true
}
chmod 0444 "$work/keyfile"
copy='umask 077; cat /key >/run/mongo/keyfile; chmod 0400 /run/mongo/keyfile'
has 'mongo: a keyfile of 0400 is taken' 'Waiting for connections' "$(keyed "$copy")"
has 'mongo: a keyfile that others may read is refused' 'too open' "$(keyed "$copy; chmod 0440 /run/mongo/keyfile")"
has 'mongo: a keyfile that is not there is refused' 'error opening file|No such file' "$(keyed true)"
has 'mongo: a key of five characters is refused' 'length 5' "$(keyed 'umask 077; printf 12345 >/run/mongo/keyfile')"
has 'mongo: characters that are no base64 are refused' 'invalid char' "$(keyed 'umask 077; printf 123456%%%% >/run/mongo/keyfile')"
has 'mongo: two keys are a YAML list' 'Waiting for connections' "$(keyed 'umask 077; printf -- "- %s\n- %s\n" "$(cat /key)" abcdefgh >/run/mongo/keyfile')"

# As the project runs it: without root, without a capability, on a read-only disk.
start mg mongo "${hardened[@]}" --user 999:999 -v "$(volume mg):/data/db" --tmpfs /tmp --tmpfs /data/configdb --tmpfs /run/mongo:uid=999,gid=999,mode=0700 -e HOME=/tmp -v "$work/keyfile:/key:ro" -- \
    bash -c "$copy; exec docker-entrypoint.sh mongod --replSet rs0 --keyFile /run/mongo/keyfile"
js() { docker exec "$run-mg" mongosh --quiet --norc "mongodb://127.0.0.1:27017/admin?directConnection=true" --eval "$1" 2>&1; }
is 'mongo: as 999, no capability, read-only' up "$(until_up mg mongosh --quiet --norc --eval 'db.hello()')"
is 'mongo: process 1 is the server itself' mongod "$(docker exec "$run-mg" cat /proc/1/comm)"
has 'mongo: before it is initiated it is no primary' 'false' "$(js 'print(db.hello().isWritablePrimary)')"
has 'mongo: from the loopback the set may be initiated' '1' "$(js 'print(rs.initiate({_id: "rs0", members: [{_id: 0, host: "127.0.0.1:27017"}]}).ok)')"
sleep 3
has 'mongo: and the first user made' '1' "$(js 'print(db.createUser({user: "root", pwd: "canary9f27", roles: ["root"]}).ok)')"
has 'mongo: but no second one without logging in' 'requires authentication|not authorized' "$(js 'print(db.createUser({user: "two", pwd: "x", roles: []}).ok)')"
has 'mongo: a wrong password is refused' 'Authentication failed' "$(js 'db.auth("root", "wrong")')"
has 'mongo: the right one is not, and there is a transaction' 'done' "$(js 'db.auth("root", "canary9f27"); const s = db.getMongo().startSession(); s.withTransaction(() => { s.getDatabase("x").a.insertOne({_id: 1}); s.getDatabase("x").b.insertOne({_id: 1}) }); print("done")')"
has 'mongo: what is aborted is not there' '^1 1$' "$(js 'db.auth("root", "canary9f27"); const s = db.getMongo().startSession(); s.startTransaction(); s.getDatabase("x").a.insertOne({_id: 2}); s.abortTransaction(); print(db.getSiblingDB("x").a.countDocuments({}), db.getSiblingDB("x").b.countDocuments({}))')"
restart mg
until_up mg mongosh --quiet --norc --eval 'db.hello()' >/dev/null
has 'mongo: still a primary, with its user, after a restart' '^true 1$' "$(sleep 3; js 'db.auth("root", "canary9f27"); print(db.hello().isWritablePrimary, db.getSiblingDB("x").a.countDocuments({}))')"
is 'mongo: stops on SIGTERM with 0' 0 "$(stop_code mg)"

# The entrypoint's rules. Whether it listens is asked without mongosh, which takes longer to start than the server.
plain() { docker run --rm --network none --label "$owner" "$@" 2>&1; }
open=(bash -c '</dev/tcp/127.0.0.1/27017')
listens() { docker exec "$run-mg" awk '$4 == "0A" && $2 ~ /:6989$/ { print $2 }' /proc/net/tcp /proc/net/tcp6; }
has 'mongo: an option alone is for mongod' '^db version v' "$(plain "${image_of[mongo]}" --version)"
is 'mongo: another command runs itself, as who it was started' '0' "$(plain "${image_of[mongo]}" id -u)"
is 'mongo: as root its other programs run as 999 too' '999' "$(plain "${image_of[mongo]}" mongosh --nodb --norc --quiet --eval 'print(process.getuid())')"
start mg mongo --user 999:999 -e MONGO_INITDB_DATABASE=canary9f27 -- --bind_ip 127.0.0.1
is 'mongo: told where to listen' up "$(until_up mg "${open[@]}")"
is 'mongo: it listens there alone' '0100007F:6989' "$(listens)"
is 'mongo: variables of the first start do not reach the server' clean "$(reaches_pid1 mg canary9f27)"
member_row() { # member_row WANTED CAPABILITY...: root, read-only, first boot on a fresh volume and restart on the filled one
    local wanted=$1 first second=- added=() cap
    shift
    for cap; do added+=(--cap-add "$cap"); done
    start mg mongo "${hardened[@]}" ${added[@]+"${added[@]}"} -v "$(volume mr):/data/db" -v "$(volume mc):/data/configdb" --tmpfs /tmp
    first=$(until_up mg "${open[@]}")
    if [[ $first == up ]]; then
        who="$(status_of mg '^Uid:') $(status_of mg '^CapEff:')" where=$(listens)
        restart mg
        second=$(until_up mg "${open[@]}")
    fi
    is "mongo, root with ${*:-no capability}: first boot / restart" "$wanted" "$first / $second"
    docker rm -fv "$run-mg" >/dev/null
    docker volume rm "$run-mr" "$run-mc" >/dev/null
}
who='' where=''
member_row 'exit 1 / -'
member_row 'up / exit 1' CHOWN SETGID SETUID
member_row 'up / up' CHOWN DAC_OVERRIDE SETGID SETUID
is 'mongo: process 1 is 999 then, without capabilities' '999 0000000000000000' "$who"
has 'mongo: told nothing, it listens everywhere' '^0+:6989$' "$where"
start mg mongo -e MONGO_INITDB_ROOT_USERNAME=root
is 'mongo: a first user without a password ends it' 'exit 1' "$(until_up mg "${open[@]}")"
start mg mongo -e MONGO_INITDB_ROOT_USERNAME=root -e MONGO_INITDB_ROOT_PASSWORD=x -e MONGO_INITDB_ROOT_PASSWORD_FILE=/dev/null
is 'mongo: a password and a password file end it' 'exit 1' "$(until_up mg "${open[@]}")"
start mg mongo -e MONGO_INITDB_ROOT_USERNAME=root -e MONGO_INITDB_ROOT_PASSWORD=canary9f27
if is_stand_in mongo; then
    is 'mongo: the first user from variables is not emulated, so it ends' 'exit 1' "$(until_up mg "${open[@]}")"
    has 'mongo: and says why' 'takes no MONGO_INITDB_ROOT_' "$(logs mg)"
else
    is 'mongo: the first user from variables' up "$(until_up mg mongosh --quiet --norc -u root -p canary9f27 --eval 'db.hello()')"
    is 'mongo: whose password does not stay with the server' clean "$(reaches_pid1 mg canary9f27)"
fi
docker rm -fv "$run-mg" >/dev/null
