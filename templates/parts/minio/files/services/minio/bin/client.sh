# shellcheck shell=bash
# mc, logged in: an alias in a file on the tmpfs, since an argument or a variable would show the key.

export MC_CONFIG_DIR=${MC_CONFIG_DIR:-/tmp/mc} MC_NO_COLOR=1 MC_QUIET=1

# alias_of NAME USER KEY: NAME is then this storage, as USER.
alias_of() {
  local address=${S3_HOST:-minio}:${S3_PORT:-9000} ca=/run/tls/ca.crt
  [ -e "$ca" ] || ca=/run/trust/ca.crt
  (
    umask 077
    mkdir -p "$MC_CONFIG_DIR/certs/CAs"
    ln -sfn "$ca" "$MC_CONFIG_DIR/certs/CAs/project.crt"
    printf '{"version":"10","aliases":{"%s":{"url":"https://%s","accessKey":"%s","secretKey":"%s","api":"S3v4","path":"on"}}}\n' \
      "$1" "$address" "$2" "$3" >"$MC_CONFIG_DIR/config.json"
  )
}

# root: logged in as root, with the first line of its file, or else the second.
root() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    [ -n "$line" ] || continue
    alias_of root root "$line"
    ! mc admin info root >/dev/null 2>&1 || return 0
  done </run/secrets/minio_root_password
  mc admin info root 2>&1 | tail -n 2 >&2
  return 1
}
