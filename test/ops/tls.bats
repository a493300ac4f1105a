#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
}

text() { openssl x509 -in "${1:-tls/edge/server.crt}" -noout -text; }

# foreign: a certificate of somebody else's CA in the edge's place.
foreign() {
  mkdir -p tls/edge && chmod 700 tls
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "${1:-90}" -subj /CN=elsewhere -addext "subjectAltName=DNS:localhost" \
    -keyout tls/edge/server.key -out tls/edge/server.crt 2>/dev/null
  chmod 0444 tls/edge/server.*
  chmod 0755 tls/edge
}

# short DAYS: the edge's certificate, issued by our CA, ends in DAYS.
short() {
  openssl req -new -key tls/edge/server.key -subj /CN=localhost -out csr
  chmod u+w tls/edge/server.crt
  openssl x509 -req -in csr -CA tls/ca.crt -CAkey tls/ca/ca.key -set_serial 7 -days "$1" -extfile <(echo 'subjectAltName=DNS:localhost,DNS:proxy,IP:127.0.0.1') -out tls/edge/server.crt 2>/dev/null
  chmod 0444 tls/edge/server.crt
}

@test "PROD-7 init makes a CA for ten years and a leaf of at most 397 days with its names" {
  run -0 ops/tls init --domain app.example.com,.example.org
  text tls/ca.crt | grep -q 'CA:TRUE, pathlen:0'
  text | grep -q 'TLS Web Server Authentication'
  text | grep -q 'ASN1 OID: prime256v1'
  for name in DNS:app.example.com 'DNS:\*.example.org' DNS:example.org DNS:localhost DNS:proxy 'IP Address:127.0.0.1' 'IP Address:0:0:0:0:0:0:0:1'; do
    text | grep -q "$name"
  done
  openssl verify -CAfile tls/ca.crt tls/edge/server.crt
  run ! openssl x509 -in tls/edge/server.crt -noout -checkend $((397 * 86400 + 60))
  run -0 ops/tls check
}

@test "keys: the CA's stays 0400 in tls/ca, the server's 0444 below a 0700 directory" {
  ops/tls init
  [ "$(stat -c %a tls tls/ca tls/ca/ca.key tls/edge tls/edge/server.key tls/ca.crt | tr '\n' ' ')" = '700 700 400 755 444 444 ' ]
  [ "$(ls tls/edge)" = $'server.crt\nserver.key' ]
}

@test "init twice changes nothing" {
  ops/tls init
  sum=$(cat tls/ca.crt tls/edge/server.* | sha256sum)
  run -0 ops/tls init
  [ "$sum" = "$(cat tls/ca.crt tls/edge/server.* | sha256sum)" ]
}

@test "renew issues a new leaf and key when less than 30 days are left, and not before" {
  ops/tls init
  sum=$(sha256sum <tls/edge/server.key)
  run -0 ops/tls renew
  [ "$sum" = "$(sha256sum <tls/edge/server.key)" ]
  short 29
  run -3 ops/tls check
  [[ "$output" == *"has 28 days left"* || "$output" == *"has 29 days left"* ]]
  run -0 ops/tls renew
  [ "$sum" != "$(sha256sum <tls/edge/server.key)" ]
  run -0 ops/tls check
}

@test "a name that DOMAIN gained is found by check and brought by renew" {
  ops/tls init
  echo 'DOMAIN=localhost,shop.example.com' >>.env
  run -3 ops/tls check
  [[ "$output" == *"does not cover shop.example.com"* ]]
  run -0 ops/tls renew
  run -0 ops/tls check
}

@test "a certificate of somebody else is never written over, not even with --force" {
  foreign
  sum=$(cat tls/edge/server.* | sha256sum)
  run -0 ops/tls init
  [[ "$output" == *"left as it is"* ]]
  run -0 ops/tls renew --force
  [ "$sum" = "$(cat tls/edge/server.* | sha256sum)" ]
  [ ! -e tls/ca.crt ]
}

@test "check sees a foreign certificate that nobody trusts, and one that ends soon" {
  foreign 5
  run -3 ops/tls check
  [[ "$output" == *"4 days left"* || "$output" == *"5 days left"* ]]
  [[ "$output" == *"does not chain"* ]]
}

@test "check sees a key of another certificate and open modes" {
  ops/tls init
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other 2>/dev/null
  chmod u+w tls/edge/server.key && cp other tls/edge/server.key && chmod 0600 tls/edge/server.key
  chmod 0755 tls
  run -3 ops/tls check
  [[ "$output" == *"server.key does not belong to server.crt"* ]]
  [[ "$output" == *"tls has mode 755, not 700"* ]]
  [[ "$output" == *"server.key has mode 600, not 444"* ]]
}

@test "NET-4 certificates.tsv adds a leaf for a service inside, with the CA beside it" {
  printf '# name\tnames\ndb\tdb,db.data\n' >ops/data/certificates.tsv
  run -0 ops/tls init
  text tls/db/server.crt | grep -q 'DNS:db.data'
  cmp tls/ca.crt tls/db/ca.crt
  run -0 ops/tls check
}

@test "NET-4 callers find the CA, and nothing but the CA, in tls/trust; a renewal leaves it as it is" {
  printf '# service\tnames\treload\ndb\tdb\tkill -HUP 1\n' >ops/data/certificates.tsv
  run -0 ops/tls init
  [ "$(ls tls/trust)" = ca.crt ]
  [ "$(stat -c %a tls/trust tls/trust/ca.crt | paste -sd ' ')" = '755 444' ]
  cmp tls/ca.crt tls/trust/ca.crt
  run -0 ops/tls renew --force
  openssl verify -CAfile tls/trust/ca.crt tls/db/server.crt
}

@test "show tells how to trust the CA, and no private key" {
  ops/tls init
  run -0 ops/tls show
  [[ "$output" == *update-ca-certificates* && "$output" == *security\ add-trusted-cert* && "$output" == *Firefox* ]]
  [[ "$output" != *PRIVATE* ]]
}

@test "a bad host name is refused before anything is written" {
  run ! ops/tls init --domain 'a b;c'
  [ ! -e tls/edge/server.crt ]
}

@test "PROD-7 install puts a checked certificate of another CA in place, and renew leaves it alone" {
  ops/tls init
  mkdir other && (cd other && mkdir tls && foreign 60)
  run -0 ops/tls install --cert other/tls/edge/server.crt --key other/tls/edge/server.key
  [[ "$output" == *"installed tls/edge/server.crt: localhost"* ]]
  cmp other/tls/edge/server.crt tls/edge/server.crt
  [ "$(stat -c %a tls/edge tls/edge/server.crt tls/edge/server.key | tr '\n' ' ')" = '755 444 444 ' ]
  run -0 ops/tls install --cert other/tls/edge/server.crt --key other/tls/edge/server.key
  [[ "$output" == *"is this one already"* ]]
  run -0 ops/tls renew --force
  cmp other/tls/edge/server.crt tls/edge/server.crt
}

@test "PROD-7 install refuses a wrong key, a missing name, an ended certificate, and changes nothing" {
  ops/tls init
  sum=$(cat tls/edge/server.* | sha256sum)
  mkdir other && (cd other && mkdir tls && foreign 60)
  run -1 ops/tls install --cert other/tls/edge/server.crt --key tls/edge/server.key
  [[ "$output" == *"does not belong to"* ]]
  echo 'DOMAIN=localhost,shop.example.com' >>.env
  run -1 ops/tls install --cert other/tls/edge/server.crt --key other/tls/edge/server.key
  [[ "$output" == *"does not cover shop.example.com"* ]]
  echo 'DOMAIN=localhost' >>.env
  (cd other && openssl req -new -key tls/edge/server.key -subj /CN=localhost -out csr &&
    openssl x509 -req -in csr -signkey tls/edge/server.key -days -1 -extfile <(echo 'subjectAltName=DNS:localhost') -out ended.crt 2>/dev/null)
  run -1 ops/tls install --cert other/ended.crt --key other/tls/edge/server.key
  [[ "$output" == *"has ended"* ]]
  run -1 ops/tls install --cert .env --key other/tls/edge/server.key
  run -2 ops/tls install --cert other/tls/edge/server.crt
  run -2 ops/tls renew --cert x
  [ "$sum" = "$(cat tls/edge/server.* | sha256sum)" ]
}
