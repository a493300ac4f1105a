# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing node python3 gcc make curl wget ping git
present node node nodejs npm npx corepack yarn
is 'node lives in /usr/local/bin' /usr/local/bin/node "$(inside node 'command -v node')"
is 'node has the user node, 1000:1000, with a home' '1000 1000 /home/node' "$(inside node 'echo $(id -u node) $(id -g node) $(getent passwd node | cut -d: -f6)')"
is 'node has no certificates of the system' no "$(inside node 'test -e /etc/ssl/certs/ca-certificates.crt && echo yes || echo no')"
is 'node image starts as root, its entrypoint before node' '|[docker-entrypoint.sh]|[node]' "$(config node '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}')"
is 'NODE_VERSION is what runs' "$(inside node 'node --version')" "v$(inside node 'echo $NODE_VERSION')"
is 'node is version 24' 24 "$(inside node 'node -p "process.versions.node.split(\".\")[0]"')"
is 'entrypoint: an option goes to node' 42 "$(docker run --rm --network none --label "$owner" "${image_of[node]}" -p 42)"
is 'entrypoint: a command runs itself' fine "$(docker run --rm --network none --label "$owner" "${image_of[node]}" echo fine)"
is 'entrypoint: a script that is no command goes to node' 7 \
    "$(docker run --rm --network none --label "$owner" --entrypoint sh "${image_of[node]}" -c 'echo "console.log(7)" >/tmp/s.js && cd /tmp && docker-entrypoint.sh s.js')"
