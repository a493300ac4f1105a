#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test has its own
load project

setup() {
  project
  cp -R "$OPS_TESTS/../../templates/parts/security-check/files/." .
  cp -R "$OPS_TESTS/../../templates/parts/ops/files/.github" .
  cp .env.example .env
  mkdir bin
  export PATH="$PWD/bin:$PATH" FAKE_LOG=$BATS_TEST_TMPDIR/log
  : >"$FAKE_LOG"
  cat >bin/docker <<'SH'
#!/usr/bin/env bash
echo "docker $*" >>"$FAKE_LOG"
case $* in
  version*) echo 28.0.0 ;;
  *'config --images'*) printf '%s\n' shop/api:dev shop/api:dev nginx:1 ;;
  'image inspect nginx:1') [ -z "${FAKE_ABSENT:-}" ] ;;
  'save --output '*) : >"$3" ;;
  'run '*) shift; while [ "$1" != breakwater-scanner ]; do shift; done; shift; exec trivy "$@" ;;
esac
SH
  chmod +x bin/docker
}

# scanner CODE: a trivy that ends so, and writes what it is asked to write.
scanner() {
  cat >bin/trivy <<SH
#!/usr/bin/env bash
echo "trivy \$*" >>"$FAKE_LOG"
while [ \$# -gt 0 ]; do [ "\$1" != --output ] || { echo '{}' >"\$2"; exit 0; }; shift; done
exit $1
SH
  chmod +x bin/trivy
}

@test "SHOP-7 without trivy nothing was looked at: exit 1, and how to get it" {
  PATH=$PWD/bin:/usr/bin:/bin run -1 ./security-check.sh --only files
  [[ "$output" == *"trivy is not installed"*"brew install trivy"*"--container"* ]]
}

@test "SHOP-7 the exit code says what was found: nothing, findings, or that somebody could not look" {
  scanner 0
  run -0 ./security-check.sh
  [[ "$output" == *"== shop/api:dev"*"== files"*"== configuration"*"nothing of HIGH or worse" ]]
  grep -q '^trivy image .*--severity HIGH,CRITICAL' "$FAKE_LOG"
  [ "$(grep -c '^trivy image' "$FAKE_LOG")" -eq 2 ]
  scanner 3
  run -3 ./security-check.sh --severity CRITICAL
  [[ "$output" == *"findings of CRITICAL or worse in 4 place(s)"*"docs/security/security-check.md"* ]]
  scanner 1
  run -1 ./security-check.sh --only config
  [[ "$output" == *"trivy failed with 1"*"this is no clean result"* ]]
}

@test "SHOP-7 an image that is not on this host is no clean result" {
  scanner 0
  FAKE_ABSENT=yes run -1 ./security-check.sh --only images
  [[ "$output" == *"nginx:1 is not on this host"* ]]
}

@test "SHOP-7 values are no files that are looked at, and what is accepted has its file" {
  scanner 0
  echo CVE-2026-1 >.trivyignore
  ./security-check.sh --only files >/dev/null
  for word in '--skip-dirs secrets' '--skip-dirs tls' '--skip-dirs state' '--ignorefile'; do grep -q -- "^trivy filesystem .*$word" "$FAKE_LOG"; done
}

@test "SHOP-7 what each image consists of is written beside the verdict" {
  scanner 3
  run -3 ./security-check.sh --only images --sbom out
  [ -s out/shop-api-dev.cdx.json ]
  [ -s out/nginx-1.cdx.json ]
}

@test "SHOP-7 the pinned scanner gets images as files, and no socket" {
  scanner 0
  run -0 ./security-check.sh --container backend
  grep -q '^docker build .*/.github/scanner$' "$FAKE_LOG"
  grep -q '^docker run --rm --cap-drop ALL .*:/project:ro' "$FAKE_LOG"
  run ! grep -q 'docker.sock' "$FAKE_LOG"
  grep -q 'config --images backend' "$FAKE_LOG"
}

@test "it explains itself and refuses what it does not know" {
  run -0 ./security-check.sh --help
  [[ "$output" == *"usage: ./security-check.sh"*"exit codes"* ]]
  run -2 ./security-check.sh --severity SOME
  run -2 ./security-check.sh --only nothing
  run -2 ./security-check.sh nobody
  [[ "$output" == *"there is no service 'nobody'; there are: backend"* ]]
}

@test "ops/service names who has a role or a capability" {
  run -0 ops/service sql
  [ "$output" = db ]
  run -0 ops/service --all http-api
  [ "$output" = backend ]
  run -1 ops/service nothing
  [[ "$output" == *"no service is or has 'nothing'"* ]]
  run -2 ops/service
}

@test "SHOP-5 a secret that a service finds under another name is looked for there" {
  # shellcheck source=/dev/null
  run -0 bash -c 'OPS=$PWD/ops; . ops/lib.sh; . ops/lib/secret-live.sh
    printf "one_db_password\thex\t32\t-\tone-db,api\twhy\tfile\t-\tfile\tone-db:/run/secrets/db_password\t-\nkeyfile\thex\t32\t-\tdb\twhy\tfile\t-\tfile\t/etc/keyfile\t-\n" >>ops/data/secrets.tsv
    seen_at one_db_password one-db; seen_at one_db_password api; seen_at keyfile db'
  [ "$output" = $'/run/secrets/db_password\n/run/secrets/one_db_password\n/etc/keyfile' ]
}
