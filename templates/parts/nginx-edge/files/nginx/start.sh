#!/usr/bin/env bash
# Starts nginx in the edge container: start.sh http.conf | https.conf
# nginx cannot read the environment, so the one value that differs between instances goes into a file on the tmpfs.
set -euo pipefail

if [[ "${1:-}" == --help || $# -ne 1 ]]; then
  sed -n '2,3s/^# \{0,1\}//p' "$0"
  [[ "${1:-}" == --help ]] && exit 0 || exit 2
fi

here=$(cd "$(dirname "$0")" && pwd)
port=${HTTPS_PORT:-443}
[[ "$port" =~ ^[0-9]{1,5}$ ]] || { echo "start.sh: HTTPS_PORT='$port' is no port. Set PROXY_TLS_PORT in .env" >&2; exit 2; }
[[ "$port" == 443 ]] && suffix='' || suffix=":$port"
# shellcheck disable=SC2016  # the $ is nginx's
printf 'map "" $https_port_suffix { default "%s"; }\n' "$suffix" >/tmp/instance.conf

exec nginx -e /dev/stderr -g 'daemon off;' -c "$here/$1"
