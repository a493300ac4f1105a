# shellcheck shell=bash
# "ops/tls check" and "ops/tls show": reading only.

expect_mode() { # PATH MODE
  [ ! -e "$1" ] || [ "$(file_mode "$1")" = "$2" ] || finding "$(shown "$1") has mode $(file_mode "$1"), not $2" "chmod $2 '$1'"
}

check_leaf() { # LEAF NAMES
  local dir=$TLS/$1 cert=$TLS/$1/server.crt left name mend="ops/tls renew$AT"
  for name in "$cert" "$dir/server.key"; do
    [ -f "$name" ] || { finding "$(shown "$name") is missing" "ops/tls init$AT"; return; }
  done
  openssl x509 -in "$cert" -noout 2>/dev/null || { finding "$(shown "$cert") is no certificate" "move it away, then ops/tls init$AT"; return; }
  left=$(days_left "$cert")
  if foreign "$cert"; then
    mend="get one with that name from its issuer, or mend DOMAIN in $(shown "$ENV_FILE")"
    # A public certificate: its chain is in the file itself, its root in the system's store.
    openssl verify -untrusted "$cert" "$cert" >/dev/null 2>&1 || [ "$left" -lt 0 ] ||
      finding "$(shown "$cert") does not chain to this CA or to the system's" "put the whole chain into it, or move it away and ops/tls init$AT"
    [ "$left" -ge 14 ] || finding "$(shown "$cert") has $left days left" "renew it with its issuer, then ops/tls check$AT"
  else
    [ "$left" -ge "$RENEW_DAYS" ] || finding "$(shown "$cert") has $left days left" "ops/tls renew$AT"
  fi
  key_matches "$cert" "$dir/server.key" || finding "$(shown "$dir")/server.key does not belong to server.crt" "put the right key there, or move both away and ops/tls init$AT"
  if [ "$1" = edge ]; then
    while IFS= read -r name; do
      covers "$cert" "$name" || finding "$(shown "$cert") does not cover $name (DOMAIN)" "$mend"
    done < <(domains)
  else
    name=$(missing_name "$cert" "$1" "$2") && finding "$(shown "$cert") does not cover $name" "ops/tls renew$AT"
  fi
  expect_mode "$dir" 755
  expect_mode "$cert" 444
  expect_mode "$dir/server.key" 444
}

check() {
  local leaf names
  work_dir
  while IFS=$'\t' read -r leaf names; do check_leaf "$leaf" "$names"; done < <(leaves)
  if [ -f "$TLS/ca.crt" ]; then
    [ "$(days_left "$TLS/ca.crt")" -ge 90 ] || finding "the CA has $(days_left "$TLS/ca.crt") days left" "move $(shown "$TLS") away, ops/tls init$AT, and trust the new CA"
    [ ! -f "$TLS/ca/ca.key" ] || key_matches "$TLS/ca.crt" "$TLS/ca/ca.key" || finding "the CA's key does not belong to ca.crt" "put the right pair back"
  fi
  expect_mode "$TLS" 700
  expect_mode "$TLS/ca" 700
  expect_mode "$TLS/ca/ca.key" 400
  if git -C "$ROOT" ls-files -- "$TLS" 2>/dev/null | grep '\.key$' >/dev/null; then
    finding "a key below $(shown "$TLS") is tracked by git" "git rm --cached it, then move $(shown "$TLS") away and ops/tls init$AT"
  fi
  stop_on_findings
  say "tls: chain, dates, keys and names are good, $(days_left "$TLS/edge/server.crt") days left"
}

show() {
  local leaf cert port name
  [ -f "$TLS/edge/server.crt" ] || die "there is no certificate yet" "ops/tls init$AT"
  while IFS=$'\t' read -r leaf _; do
    cert=$TLS/$leaf/server.crt
    [ -f "$cert" ] || continue
    say "$(shown "$cert")"
    say "  names        $(sans "$cert" | tr '\n' ' ')"
    say "  ends         $(openssl x509 -in "$cert" -noout -enddate | cut -d= -f2) ($(days_left "$cert") days)"
    say "  fingerprint  $(openssl x509 -in "$cert" -noout -sha256 -fingerprint | cut -d= -f2)"
  done < <(leaves)
  if foreign "$TLS/edge/server.crt"; then
    say "The edge's certificate was not issued by the CA of this project."
    return
  fi
  port=$(fact HTTPS_PORT_VAR)
  [ "$port" = - ] || port=$(setting "$port")
  case $port in - | '') port=443 ;; esac
  name=$(first_domain)
  cat <<TEXT

To trust the CA of this project ($(shown "$TLS/ca.crt")), on machines that you use for testing only:
  Debian, Ubuntu  sudo cp '$TLS/ca.crt' /usr/local/share/ca-certificates/$PROJECT.crt && sudo update-ca-certificates
  Fedora, RHEL    sudo trust anchor '$TLS/ca.crt'
  macOS           sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '$TLS/ca.crt'
  Firefox         Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import
  curl            curl --cacert '$TLS/ca.crt' --resolve $name:$port:127.0.0.1 https://$name:$port/health
TEXT
}
