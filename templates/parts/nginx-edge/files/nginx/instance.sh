# shellcheck shell=bash disable=SC2016 # the $ in single quotes are nginx's
# What start.sh writes: nginx directives from DOMAIN, HTTPS_PORT, TRUSTED_PROXIES and SECURITY_CONTACT.
# Every value is checked to the last character, since what passes becomes configuration.

refuse() { # VARIABLE VALUE WHY
  echo "start.sh: $1='$2' $3" >&2
  echo "  next: mend $1 in .env, then ops/up" >&2
  exit 2
}

# words LIST: one a line; commas and spaces separate.
words() {
  local list=${1//[$',\t\r\n']/ }
  set -f
  # shellcheck disable=SC2086 # splitting is the point
  [[ -z "${list// /}" ]] || printf '%s\n' $list
  set +f
}

valid_ipv4() { # ADDRESS
  local part='(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
  [[ "$1" =~ ^$part\.$part\.$part\.$part$ ]]
}

valid_ipv6() { # ADDRESS: eight groups, or fewer with one '::'
  local rest=$1 groups
  [[ "$rest" =~ ^[0-9a-fA-F:]{2,39}$ && ! "$rest" =~ ::.*:: && ! "$rest" =~ :::  && ! "$rest" =~ [0-9a-fA-F]{5} ]] || return 1
  [[ ! "$rest" =~ ^:[^:] && ! "$rest" =~ [^:]:$ ]] || return 1
  groups=${rest//[^:]/}
  if [[ "$rest" == *::* ]]; then ((${#groups} <= 7)); else ((${#groups} == 7)); fi
}

ipv4_number() {
  local a b c d
  IFS=. read -r a b c d <<<"$1"
  echo $(((a << 24) + (b << 16) + (c << 8) + d))
}

# A proxy in this list may say who the client is. So a list that holds strangers is worse than none.
check_proxy() { # CIDR
  local address=${1%%/*} bits=${1#*/} number mask
  if valid_ipv4 "$address"; then
    [[ "$1" == */* ]] || bits=32
    [[ "$bits" =~ ^([0-9]|[12][0-9]|3[0-2])$ ]] || refuse TRUSTED_PROXIES "$1" "has no prefix of 0 to 32 bits"
    ((bits >= 8)) || refuse TRUSTED_PROXIES "$1" "would trust a large part of the internet: name the proxies' own addresses"
    number=$(ipv4_number "$address")
    mask=$(((0xffffffff << (32 - bits)) & 0xffffffff))
    ((number == (number & mask))) || refuse TRUSTED_PROXIES "$1" "has bits behind its prefix: one address is $address/32"
    case "$((number >> 24)).$(((number >> 16) & 255))/$bits" in
      10.0/8 | 172.16/12 | 192.168/16) refuse TRUSTED_PROXIES "$1" "is a whole private range, in which containers and the Docker bridge are: name the proxies' own addresses" ;;
    esac
  elif valid_ipv6 "$address"; then
    [[ "$1" == */* ]] || bits=128
    [[ "$bits" =~ ^([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])$ ]] || refuse TRUSTED_PROXIES "$1" "has no prefix of 0 to 128 bits"
    ((bits >= 24)) || refuse TRUSTED_PROXIES "$1" "would trust a large part of the internet: name the proxies' own addresses"
  else
    refuse TRUSTED_PROXIES "$1" "is no address or CIDR such as 203.0.113.7 or 2001:db8::/48"
  fi
}

write_proxies() {
  local proxy list
  list=$(words "${TRUSTED_PROXIES:-}")
  [[ -n "$list" ]] || return 0
  while IFS= read -r proxy; do
    check_proxy "$proxy"
    printf 'set_real_ip_from %s;\n' "$proxy"
  done <<<"$list"
  # From the right, past the proxies that are trusted, to the first address that is not: what stands left of it is a claim.
  printf 'real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n'
}

write_ports() { # CONFIGURATION
  local port=${HTTPS_PORT:-443} suffix
  [[ "$port" =~ ^[0-9]{1,5}$ ]] || { echo "start.sh: HTTPS_PORT='$port' is no port. Set PROXY_TLS_PORT in .env" >&2; exit 2; }
  [[ "$port" == 443 ]] && suffix='' || suffix=":$port"
  printf 'map "" $https_port_suffix { default "%s"; }\n' "$suffix"
  # The port of the Host header goes into links that the application makes, so in production one alone is passed on.
  if [[ "$1" == https.conf ]]; then printf 'map $http_host $host_port { default ""; "~:%s$" "%s"; }\n' "$port" "$suffix"
  else printf 'map $http_host $host_port { default ""; "~(:[0-9]{1,5})$" $1; }\n'; fi
}

write_contact() {
  local contact list lines='' year=${START_YEAR:-} next
  list=$(words "${SECURITY_CONTACT:-}")
  [[ -z "$list" ]] || while IFS= read -r contact; do
    [[ "$contact" == *:* ]] || contact=mailto:$contact
    [[ "$contact" =~ ^(mailto:[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+|https://[A-Za-z0-9._~:/?#@!\&=%+-]+|tel:\+[0-9-]+)$ ]] ||
      refuse SECURITY_CONTACT "$contact" "is no mail address, https: or tel: link"
    lines+="Contact: $contact\\n"
  done <<<"$list"
  printf 'map "" $security_contact { default "%s"; }\n' "$lines"
  # Expires is the end of the half-year after this one, as nginx' clock says when it is asked: never past, never more
  # than a year ahead, however long the container runs.
  [[ -n "$year" ]] || printf -v year '%(%Y)T' -1
  printf 'map $time_iso8601 $security_expires {\n'
  for ((next = year; next < year + 20; next++)); do
    printf '    "~^%s-0[1-6]" "%s-12-31T23:59:59Z";\n    "~^%s-" "%s-06-30T23:59:59Z";\n' "$next" "$next" "$next" "$((next + 1))"
  done
  printf '}\n'
}

write_instance() { # CONFIGURATION
  write_ports "$1"
  write_proxies
  write_contact
}

# The names this instance serves. Development and compose.yaml by itself, which listen on loopback, take its names too.
write_names() { # CONFIGURATION
  local name names=' ' label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  while IFS= read -r name; do
    name=${name,,}
    [[ "$names" != *" $name "* ]] || continue
    if [[ "$name" == '*' ]]; then
      [[ "$1" != https.conf ]] || refuse DOMAIN "$DOMAIN" "would serve every name: list those of this instance"
      names+='"" ~. '
    elif [[ ${#name} -le 254 && "$name" =~ ^\.?$label(\.$label)*$ ]] || valid_ipv4 "$name"; then
      names+="$name "
    elif [[ "$name" == \[*\] ]] && valid_ipv6 "${name:1:-1}"; then
      names+="$name "
    else
      refuse DOMAIN "$name" "is no host name; a domain with all its subdomains is written .example.com"
    fi
  done < <(words "${DOMAIN:-localhost}$([[ "$1" == https.conf ]] || echo ',localhost,127.0.0.1,[::1]')")
  printf 'server_name%s;\n' "${names% }"
}
