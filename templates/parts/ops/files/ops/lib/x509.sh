# shellcheck shell=bash
# Reading certificates with openssl (OpenSSL or LibreSSL).

# epoch_of "Nov 21 01:26:00 2026 GMT"
epoch_of() { date -u -d "$1" +%s 2>/dev/null || date -j -u -f '%b %e %T %Y %Z' "$1" +%s; }

# days_left CERTIFICATE: whole days, negative when it has ended.
days_left() {
  local end
  end=$(openssl x509 -in "$1" -noout -enddate) || return 1
  printf '%s\n' $((($(epoch_of "${end#*=}") - $(date +%s)) / 86400))
}

# sans CERTIFICATE: its names and addresses, one a line.
sans() {
  openssl x509 -in "$1" -noout -text | awk 'hit == 1 { print; hit = 2 } !hit && /Subject Alternative Name/ { hit = 1 }' |
    tr ',' '\n' | sed -e 's/^ *//' -e 's/^DNS://' -e 's/^IP Address://' -e '/^$/d'
}

# covers CERTIFICATE NAME: exact, or by a wildcard one label up.
covers() {
  local name=$2 list
  list=$(sans "$1")
  case $name in
    \*) return 0 ;;
    .*) name="*$name" ;;
  esac
  printf '%s\n' "$list" | grep -Fix -- "$name" >/dev/null && return 0
  case $name in
    \**) return 1 ;;
    *.*) printf '%s\n' "$list" | grep -Fix -- "*.${name#*.}" >/dev/null ;;
    *) return 1 ;;
  esac
}

# issued_by CA CERTIFICATE: the signature, whatever the dates say.
issued_by() {
  openssl verify -CAfile "$1" "$2" >/dev/null 2>&1 && return 0
  openssl verify -CAfile "$1" "$2" 2>&1 | grep 'certificate has expired' >/dev/null &&
    [ "$(openssl x509 -in "$1" -noout -subject_hash)" = "$(openssl x509 -in "$2" -noout -issuer_hash)" ]
}

# key_matches CERTIFICATE KEY: by public key; the private one goes nowhere.
key_matches() {
  [ "$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$2" -pubout 2>/dev/null)" ]
}
