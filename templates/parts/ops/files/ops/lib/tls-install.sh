# shellcheck shell=bash
# "ops/tls install": a certificate of somebody else's CA into the edge's place, checked first. The deploy hook of an ACME client.

install() {
  local dir=$TLS/edge left name
  if [ ! -f "$CERT" ] || [ ! -f "$KEY" ]; then bad_usage "install needs --cert FILE and --key FILE"; fi
  openssl x509 -in "$CERT" -noout 2>/dev/null || die "$CERT is no certificate" "give the full chain, the server's own certificate first"
  key_matches "$CERT" "$KEY" || die "$KEY does not belong to $CERT, nothing was changed" "give the key that the certificate was made for"
  left=$(days_left "$CERT")
  [ "$left" -ge 0 ] || die "$CERT has ended, nothing was changed" "get a new one from its issuer"
  while IFS= read -r name; do
    covers "$CERT" "$name" || die "$CERT does not cover $name (DOMAIN), nothing was changed" "get one with that name, or mend DOMAIN in $(shown "$ENV_FILE")"
  done < <(domains)
  prepare
  if [ -f "$dir/server.crt" ] && cmp -s "$CERT" "$dir/server.crt" && cmp -s "$KEY" "$dir/server.key"; then
    say "$(shown "$dir/server.crt") is this one already, $left days left"
    return 0
  fi
  mkdir -p -- "$dir"
  chmod 0755 "$dir"
  place "$KEY" "$dir/server.key" 0444
  place "$CERT" "$dir/server.crt" 0444
  CHANGED=" edge"
  say "installed $(shown "$dir/server.crt"): $(sans "$CERT" | tr '\n' ' ')($left days left)"
  reload
}
