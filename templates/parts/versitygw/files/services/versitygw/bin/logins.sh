# shellcheck shell=bash
# The gateway reads this file again when it changed. It holds the keys: on the tmpfs, made at each start from the secrets.

LOGINS=/tmp/versitygw/logins

# write_logins APP-KEY BACKUP-KEY: both are users; what each may do, the bucket's owner and policy say.
write_logins() {
  (
    umask 077
    mkdir -p "$LOGINS"
    printf '{"accessAccounts":{"app":{"access":"app","secret":"%s","role":"user","userID":0,"groupID":0},"backup":{"access":"backup","secret":"%s","role":"user","userID":0,"groupID":0}}}' \
      "$1" "$2" >"$LOGINS/.users.new"
    mv -f "$LOGINS/.users.new" "$LOGINS/users.json"
  )
}

key_of() { sed -n "s/.*\"access\":\"$1\",\"secret\":\"\([^\"]*\)\".*/\1/p" "$LOGINS/users.json"; }

# ask USER KEY METHOD PATH [CURL'S ARGUMENTS…]: a signed request; the key is on standard input, no argument shows it. Prints the status.
ask() {
  local user=$1 key=$2 method=$3 path=$4
  shift 4
  printf 'user = "%s:%s"\n' "$user" "$key" |
    curl -sS -o /tmp/versitygw/said -w '%{http_code}' -m 10 --aws-sigv4 aws:amz:us-east-1:s3 --cacert /run/tls/ca.crt --resolve "versitygw:9000:127.0.0.1" \
      -X "$method" -K - "$@" "https://versitygw:9000$path"
}
