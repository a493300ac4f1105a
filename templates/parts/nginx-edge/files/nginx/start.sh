#!/usr/bin/env bash
# usage: start.sh http.conf | https.conf | development.conf
# Starts nginx in the edge container. nginx cannot read the environment, so what differs between instances (DOMAIN,
# HTTPS_PORT, TRUSTED_PROXIES, SECURITY_CONTACT) is checked and written to the tmpfs first. A bad value stops the start.
set -euo pipefail

if [[ "${1:-}" == --help || $# -ne 1 ]]; then
  sed -n '2,4s/^# \{0,1\}//p' "$0"
  [[ "${1:-}" == --help ]] && exit 0 || exit 2
fi

here=$(cd "$(dirname "$0")" && pwd)
out=${EDGE_DIR:-/tmp/edge} # another one in tests; the configuration includes /tmp/edge
[[ -f "$here/$1" ]] || { echo "start.sh: there is no configuration '$1'" >&2; exit 2; }
# shellcheck source-path=SCRIPTDIR source=instance.sh
. "$here/instance.sh"

mkdir -p "$out"
write_instance "$1" >"$out/instance.conf"
write_names "$1" >"$out/names.conf"

exec nginx -e /dev/stderr -g 'daemon off;' -c "$here/$1"
