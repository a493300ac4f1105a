#!/usr/bin/env bats
# What nginx/start.sh makes of the environment, with an nginx that only says how it was called.
load project

setup() {
  cp -R "$OPS_TESTS/../../templates/parts/nginx-edge/files/nginx" "$BATS_TEST_TMPDIR/nginx"
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\necho "nginx $*"\n' >"$BATS_TEST_TMPDIR/bin/nginx"
  chmod +x "$BATS_TEST_TMPDIR/bin/nginx"
  export PATH="$BATS_TEST_TMPDIR/bin:$PATH" EDGE_DIR=$BATS_TEST_TMPDIR/edge START_YEAR=2026
  unset DOMAIN HTTPS_PORT TRUSTED_PROXIES SECURITY_CONTACT
}

start() { bash "$BATS_TEST_TMPDIR/nginx/start.sh" "${1:-https.conf}"; }
instance() { grep -E "$1" "$EDGE_DIR/instance.conf"; }

@test "PROD-7 the names of DOMAIN, once each, in lower case; loopback's too where only this machine can ask" {
  DOMAIN='App.example.com, www.example.com,.example.org,app.example.com' run -0 start
  [ "$(cat "$EDGE_DIR/names.conf")" = 'server_name app.example.com www.example.com .example.org;' ]
  run -0 start
  [ "$(cat "$EDGE_DIR/names.conf")" = 'server_name localhost;' ]
  DOMAIN=app.example.com run -0 start http.conf
  [ "$(cat "$EDGE_DIR/names.conf")" = 'server_name app.example.com localhost 127.0.0.1 [::1];' ]
}

@test "PROD-7 a name that is none, and in production *, stops the start" {
  for bad in 'a;b' 'a"b' -a a- a..b 'x{' "$(printf 'a%.0s' {1..64}).com" '$host' '~.*' '*.example.com' '*'; do
    DOMAIN=$bad run -2 start
    [[ "$output" == *"start.sh: DOMAIN='"* && "$output" == *"next: mend DOMAIN in .env, then ops/up"* ]]
  done
  DOMAIN='*' run -0 start http.conf
  [[ "$(cat "$EDGE_DIR/names.conf")" == 'server_name "" ~. '* ]]
}

@test "PROD-8 without TRUSTED_PROXIES nobody says who the client is" {
  run -0 start
  run ! instance 'real_ip'
}

@test "PROD-8 each trusted proxy becomes a line" {
  TRUSTED_PROXIES='203.0.113.7, 198.51.100.0/24,2001:db8::/48 ::1,10.9.0.0/24' run -0 start
  [ "$(instance 'set_real_ip_from' | tr '\n' ' ')" = 'set_real_ip_from 203.0.113.7; set_real_ip_from 198.51.100.0/24; set_real_ip_from 2001:db8::/48; set_real_ip_from ::1; set_real_ip_from 10.9.0.0/24; ' ]
  instance '^real_ip_header X-Forwarded-For;$'
  instance '^real_ip_recursive on;$'
}

@test "PROD-8 a list that trusts strangers, or that cannot be read, stops the start" {
  for bad in 0.0.0.0/0 ::/0 1.0.0.0/7 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 2000::/3 1.2.3.4/8 300.1.1.1 01.2.3.4 1.2.3 1.2.3.4/33 1.2.3.4/ \
    1.2.3.4/8/8 1.2.3.4/08 1::2::3 12345::1 1:2:3:4:5:6:7 :1:2:3:4:5:6:7 2001:db8::/129 '1.2.3.4;' 'x' '*' 'unix:' '1.2.3.4}' "1.2.3.4'" all private; do
    TRUSTED_PROXIES=203.0.113.7,$bad run -2 start
    [[ "$output" == *"start.sh: TRUSTED_PROXIES='$bad'"* ]]
    [[ "$output" != *"nginx -e"* ]]
  done
}

@test "PROD-7 security.txt: contacts, and an end that is never past and never more than a year ahead" {
  SECURITY_CONTACT='security@example.com,https://example.com/report?a=b,tel:+49-30-1' run -0 start
  instance 'Contact: mailto:security@example.com\\nContact: https://example.com/report\?a=b\\nContact: tel:\+49-30-1\\n"'
  instance '"~\^2026-0\[1-6\]" "2026-12-31T23:59:59Z";'
  instance '"~\^2026-" "2027-06-30T23:59:59Z";'
  instance '"~\^2045-" "2046-06-30T23:59:59Z";'
  run -0 start
  instance 'security_contact \{ default ""; \}'
  for bad in 'http://example.com' 'javascript:x' 'a@b"c' 'security' 'https://a$b' 'https://a;b'; do
    SECURITY_CONTACT=$bad run -2 start
  done
}

@test "PROD-7 in production one port alone is passed on; elsewhere any" {
  HTTPS_PORT=8443 run -0 start
  instance 'map \$http_host \$host_port \{ default ""; "~:8443\$" ":8443"; \}'
  instance 'https_port_suffix \{ default ":8443"; \}'
  run -0 start
  instance 'https_port_suffix \{ default ""; \}'
  run -0 start development.conf
  instance '"~\(:\[0-9\]\{1,5\}\)\$" \$1'
  for bad in x 1234567 '443;'; do HTTPS_PORT=$bad run -2 start; done
}

@test "usage: help, and a configuration that there is not" {
  run -0 bash "$BATS_TEST_TMPDIR/nginx/start.sh" --help
  [[ "$output" == *usage* ]]
  run -2 start nothing.conf
  run -2 bash "$BATS_TEST_TMPDIR/nginx/start.sh"
  run -0 start
  [[ "$output" == "nginx -e /dev/stderr -g daemon off; -c $BATS_TEST_TMPDIR/nginx/https.conf" ]]
}
