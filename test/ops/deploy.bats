#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test has its own
load project

setup() {
  project
  fake_docker
  parts blue-green
  cp .env.example .env
  mkdir -p nginx/plan
  for copy in blue green; do printf 'upstream backend {\n    server %s resolve;\n}\n' "$copy" >"nginx/plan/upstreams-$copy.conf"; done
  awk -F '\t' -v OFS='\t' '
    $1 ~ /^(backend|frontend|worker)$/ { $8 = $1 ",blue"; $9 = "BLUE_VERSION"; print; $8 = $1 ",green"; $9 = "GREEN_VERSION"; $1 = $1 "-green"; print; next }
    $1 ~ /^(beat|migrate)$/ { $9 = "LIVE_VERSION" }
    { print }' ops/data/services.tsv >services.new && mv services.new ops/data/services.tsv
  printf '# service\tport\tpath\tcontains\twhy\nbackend\t8000\t/health/\twell\tIt answers.\nfrontend\t8080\t/\t-\tIt is there.\n' >ops/data/smoke.tsv
  deploy_room 'proxy db redis backend backend-green frontend frontend-green worker worker-green beat' 'c-proxy c-backend' backend frontend
  # As ops/up leaves it: blue has the traffic, and nginx has read so.
  printf '# copy: blue\n# version: dev\nmap "" $release { default "blue-dev"; }\nupstream backend { server blue; }\n' | tee state/live/upstreams.conf >"$SERVER/obeyed"
}

serves() { sed -n 's/^# \(copy\|version\): //p' "$SERVER/obeyed" | tr '\n' ' '; }

@test "PROD-1 a deploy: migrate, start, smoke, switch, background, in this order, and it is remembered" {
  run -0 ops/deploy 1.0.0 --no-build
  [[ "$output" == *"migrate: "*"start: green"*"smoke: "*"switch: "*"background: "*"live: 1.0.0 (green)"*"ops/rollback"* ]]
  [ "$(serves)" = 'green 1.0.0 ' ]
  grep -qx 'LIVE_COPY=green' state/live.env
  grep -qx 'LIVE_VERSION=1.0.0' state/live.env
  grep -qx 'BLUE_VERSION=dev' state/live.env
  [ "$(lines '^start -a c-migrate$')" -lt "$(lines '^start c-backend-green$')" ]
  [ "$(lines '^start c-backend-green$')" -lt "$(lines ' -s reload$')" ]
  [ "$(lines ' -s reload$')" -lt "$(lines '^start c-worker-green$')" ]
  [ "$(lines '^start c-worker-green$')" -lt "$(lines ' stop worker$')" ]
  [ "$(lines ' stop worker$')" -lt "$(lines '^start c-beat$')" ]
  # nginx knows the new copy before it gives it the traffic, and the old one after it.
  [ "$(grep -c ' -s reload$' "$FAKE_LOG")" -eq 2 ]
  grep -qx '    server green resolve;' "$SERVER/obeyed"
  grep -qx '    server blue resolve down;' "$SERVER/obeyed"
  # The old version is not touched: it stands by.
  run ! grep -E ' (stop|rm -sf|kill) (.* )?(backend|frontend)( |$)' "$FAKE_LOG"
  run -0 ops/status
  [[ "$output" == *"blue: stands by, version dev"*"green: live, version 1.0.0"*'"action":"deploy","copy":"green","version":"1.0.0","result":"live"'* ]]
  run -0 ops/deploy 1.0.0
  [[ "$output" == *"1.0.0 is live already (green)"* ]]
}

@test "PROD-2 rollback gives the traffic back, says how long it took, and goes forward again" {
  run -1 ops/rollback
  [[ "$output" == *"nothing was deployed yet"*"ops/deploy VERSION"* ]]
  ops/deploy 1.0.0 --no-build
  run -0 ops/rollback
  [[ "$output" =~ rolled\ back:\ dev\ \(blue\)\ has\ the\ traffic\ after\ [0-9]+\ ms ]]
  [ "$(serves)" = 'blue dev ' ]
  run -0 ops/rollback
  [ "$(serves)" = 'green 1.0.0 ' ]
  tail -n 1 state/deploys.jsonl | grep -q '"action":"rollback","copy":"green","version":"1.0.0","result":"live"'
}

@test "PROD-3 a step that fails: its name, its words, the next command; the old version serves, and stands as it stood" {
  ops/deploy 1.0.0 --no-build >/dev/null
  fails() { # STEP WORDS STOPPED
    : >"$FAKE_LOG"
    run -1 ops/deploy 2.0.0 --no-build
    [[ "$output" == *"$2"*"next: "*"2.0.0 is not live, it stopped at step $1; 1.0.0 (green) serves as before"* ]]
    [ "$(serves)" = 'green 1.0.0 ' ]
    grep -qx 'LIVE_VERSION=1.0.0' state/live.env
    [ "$(grep -c ' stop backend frontend$' "$FAKE_LOG")" -eq "$3" ]
    tail -n 1 state/deploys.jsonl | grep -q "\"version\":\"2.0.0\",\"result\":\"failed: $1\""
  }
  FAKE_NGINX='host not found' FAKE_COPY=green fails start 'host not found' 0
  FAKE_MIGRATION='column is missing' fails migrate 'column is missing' 0
  FAKE_ILL=backend fails start 'backend does not start' 1
  FAKE_STATUS=500 fails smoke 'backend answers 500 to /health/' 1
  FAKE_BODY=ill fails smoke "has no 'well'" 1
  FAKE_NGINX='host not found' FAKE_COPY=green fails switch 'host not found' 0
  FAKE_NGINX='host not found' FAKE_COPY=blue fails switch 'host not found' 0
  FAKE_DEAF=yes fails switch 'nginx did not take blue' 0
  FAKE_ILL=worker run -1 ops/deploy 2.0.0 --no-build
  [[ "$output" == *"2.0.0 is live and serves (blue), but step background did not end"*"ops/deploy 2.0.0 --force --no-build"* ]]
  [ "$(serves)" = 'blue 2.0.0 ' ]
}

@test "PROD-2 rollback does not bring back what a failed deploy left: the version from before is made again" {
  ops/deploy 1.0.0 --no-build >/dev/null
  FAKE_STATUS=500 run -1 ops/deploy 2.0.0 --no-build
  : >"$FAKE_LOG"
  run -0 ops/rollback
  [[ "$output" == *"rolled back: dev (blue)"* ]]
  grep -q '^start c-backend$' "$FAKE_LOG"
  : >"$FAKE_LOG"
  ops/rollback >/dev/null
  run ! grep -q '^start c-backend' "$FAKE_LOG"
}

@test "PROD-2 a rollback is one reload; what nginx knows and what no longer runs is forgotten" {
  ops/deploy 1.0.0 --no-build >/dev/null
  : >"$FAKE_LOG"
  ops/rollback >/dev/null
  [ "$(grep -c ' -s reload$' "$FAKE_LOG")" -eq 1 ]
  grep -qx '    server green resolve down;' "$SERVER/obeyed"
  # After ops/down and ops/up there is no copy that stands by.
  FAKE_SERVICES=${FAKE_SERVICES/backend-green/} run ops/status
  : >"$FAKE_LOG"
  FAKE_SERVICES=${FAKE_SERVICES/backend-green/} run -0 ops/deploy 2.0.0 --no-build
  [ "$(serves)" = 'green 2.0.0 ' ]
}

@test "PROD-3 a run that was killed while it switched is settled by the next one, which replaces nothing that answers" {
  ops/deploy 1.0.0 --no-build >/dev/null
  # The file says blue, nginx was never told: green answers, and green is what looks idle.
  printf '# copy: blue\n# version: 2.0.0\nmap "" $release { default "blue-2.0.0"; }\nupstream backend { server blue; }\n' >state/live/upstreams.conf
  run -1 ops/status
  [[ "$output" == *"the edge says 'green-1.0.0', the state says blue-2.0.0"* ]]
  : >"$FAKE_LOG"
  run -0 ops/deploy 3.0.0 --no-build
  [ "$(lines ' -s reload$')" -lt "$(lines '^start c-backend-green$')" ]
  [ "$(serves)" = 'green 3.0.0 ' ]
  grep -qx 'BLUE_VERSION=2.0.0' state/live.env
}

@test "PROD-3 killed at any moment: the lock is free, and the next run goes through" {
  for service in backend-green worker-green beat; do
    FAKE_KILL=$service run ops/deploy 1.0.0 --no-build --force
    [ "$status" -ne 0 ]
    run -0 ops/deploy 1.0.1 --no-build --force
    run -0 ops/rollback
    run -0 ops/deploy 1.0.2 --no-build
    [ "$(serves)" != '' ]
    ops/rollback >/dev/null
    [ "$(serves | cut -d ' ' -f 1)" = blue ] || ops/rollback >/dev/null
  done
}

@test "one deploy at a time; what cannot be deployed is said before anything is done" {
  exec 8>state/stack.lock
  flock 8
  run -75 ops/deploy 1.0.0
  run -75 ops/rollback
  exec 8>&-
  run -2 ops/deploy 'v1 beta'
  [[ "$output" == *"'v1 beta' is no image tag"* ]]
  run -2 ops/deploy --timeout soon 1.0.0
  run -2 ops/deploy 1.0.0 2.0.0
  sed -i '/^APP_VERSION=/d' .env
  run -2 ops/deploy
  [[ "$output" == *"which version? ops/deploy 1.4.0"* ]]
  FAKE_FILES=/x/compose.yaml,/x/compose.override.yaml run -1 ops/deploy 1.0.0
  [[ "$output" == *"does not run in production mode"*"ops/up --production"* ]]
  [ "$(serves)" = 'blue dev ' ]
}

@test "smoke asks the live copy, or the one that is named" {
  run -0 ops/smoke
  [[ "$output" == *"2 requests answered by blue (dev)"* ]]
  run -0 ops/smoke green
  grep -q 'http://backend-green:8000/health/$' "$FAKE_LOG"
  run -2 ops/smoke red
  FAKE_STATUS=404 run -1 ops/smoke
  [[ "$output" == *"backend answers 404 to /health/ (It answers.)"* ]]
}

@test "each explains itself and refuses what it does not know" {
  for script in deploy rollback smoke status; do
    run -0 ops/$script --help
    [[ "$output" == "usage: ops/$script"*"exit codes:"* ]]
    run -2 ops/$script --nonsense
  done
}
