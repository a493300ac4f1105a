# shellcheck shell=bash disable=SC2153
# The edge as a client sees it, and the folder in which it looks at each request.

# ask_edge SCHEME HOST PORT NAME [PATH]: the answer to GET PATH (/health), headers included. Needs work_dir.
# ANY_CERTIFICATE=yes: whatever certificate it shows.
ask_edge() {
  local request trust=()
  request=$(printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n.' "${5:-/health}" "$4")
  request=${request%.}
  if [ "$1" = https ]; then
    if [ "${ANY_CERTIFICATE:-}" != yes ]; then
      trust=(-verify_return_error)
      [ ! -f "$TLS/ca.crt" ] || ! issued_by "$TLS/ca.crt" "$TLS/edge/server.crt" 2>/dev/null || trust+=(-CAfile "$TLS/ca.crt")
    fi
    printf '%s' "$request" | bounded 5 openssl s_client -quiet -connect "$2:$3" -servername "$4" \
      ${trust[@]+"${trust[@]}"} 2>"$WORK/tls.err"
  else
    # shellcheck disable=SC2016 # the inner shell expands them
    printf '%s' "$request" | bounded 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && cat >&3 && cat <&3' "$2" "$3" 2>/dev/null
  fi
}

# edge_nginx CALL…: nginx of the running edge is called with each of these, up to the first that fails ('-t -q' '-s reload'), on the
# configuration that its master was started with: that names the pid file too, and the default one is another. All in one
# visit to the container: on a busy host each takes a third of a second, and a rollback waits for them.
edge_nginx() {
  local id
  id=$(service_container "$(fact EDGE_SERVICE)") || die "the edge does not run" "ops/up --production$AT"
  # shellcheck disable=SC2016 # expanded inside
  docker exec "$id" sh -c 'conf=$(tr "\0" " " </proc/1/cmdline | sed -n "s/.* -c \([^ ]*\).*/\1/p"); for call; do nginx -e /dev/stderr ${conf:+-c "$conf"} $call || exit; done' sh "$@"
}

# edge_state_dir: sets EDGE_STATE, which is mounted into the edge: its user must enter it; the 0700 above keeps others out.
edge_state_dir() {
  EDGE_STATE=$STATE/edge
  private_dir "$STATE"
  mkdir -p -- "$EDGE_STATE/allow" "$EDGE_STATE/acme"
  chmod 0755 "$EDGE_STATE" "$EDGE_STATE/allow" "$EDGE_STATE/acme"
}

in_maintenance() { [ -f "$STATE/edge/maintenance" ]; }
