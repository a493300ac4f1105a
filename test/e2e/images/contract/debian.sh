# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
# What runs on it comes with COPY or apt-get; so what is missing matters as much as what is there.
missing debian curl wget ping ps ip nc openssl gcc git python3 sudo gpg gosu adduser xz bzip2 less vi
present debian bash dash perl apt-get dpkg dpkg-query useradd groupadd install find setpriv mount tar gzip awk sed grep
is 'debian: root, without entrypoint, with bash' '|[]|[bash]' "$(config debian '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}')"
is 'debian: is version 13' 'debian 13' "$(inside debian '. /etc/os-release; echo $ID $VERSION_ID')"
is 'debian: no certificates of the system' no "$(inside debian 'test -e /etc/ssl/certs/ca-certificates.crt && echo yes || echo no')"
is 'debian: no list of packages is left in it' '' "$(inside debian 'ls /var/lib/apt/lists | grep -v -e lock -e partial || true')"
is 'debian: nobody is 65534, and no other user is for people' 'nobody' "$(inside debian 'getent passwd | awk -F: "\$3 >= 1000 { print \$1 }"' | paste -sd' ')"
is 'debian: runs as 10002 on a read-only root' 10002 "$(docker run --rm --network none --label "$owner" --user 10002:10002 "${hardened[@]}" "${image_of[debian]}" id -u)"
