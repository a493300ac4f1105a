#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # each test has its own
# A project that is deployed in parts: api, which the edge hands requests to, and stock, which api alone calls.
load project

setup() {
  project
  fake_docker
  cp -R "$OPS_TESTS/../../templates/parts/blue-green/files/ops/." ops/
  cp .env.example .env
  mkdir -p nginx/plan
  for copy in blue green; do printf 'upstream api {\n    server %s resolve;\n}\n' "$copy" >"nginx/plan/upstreams-api-$copy.conf"; done
  printf '# unit\tedge\nstock\tno\napi\tyes\n' >ops/data/units.tsv
  {
    printf '# service\tkind\tnetworks\tlistens\tmemory_mib\trole\tprovides\tcopy\tversion_var\tunit\n'
    printf '%s\tlong-running\tapp\t%s\t64\t%s\t-\t%s\t%s\t%s\n' \
      api 8000 app api,blue API_BLUE_VERSION api api-green 8000 app api,green API_GREEN_VERSION api \
      stock 8001 stock stock,blue STOCK_BLUE_VERSION stock stock-green 8001 stock stock,green STOCK_GREEN_VERSION stock \
      proxy 8443 edge - - -
    printf 'migrate\tone-shot\tdata\t-\t32\tmigrations\t-\t-\tSTOCK_LIVE_VERSION\tstock\n'
  } >ops/data/services.tsv
  printf '# service\tport\tpath\tcontains\twhy\napi\t8000\t/health/\twell\tIt answers.\nstock\t8001\t/health\twell\tIt answers.\n' >ops/data/smoke.tsv
  deploy_room 'proxy api api-green stock stock-green' 'c-proxy c-api' api stock
  # As ops/up leaves it.
  printf '# copy: blue\n# version: dev\n# known: \nmap "" $release_api { default "blue-dev"; }\nupstream api { server blue; }\n' | tee state/live/upstreams-api.conf >"$SERVER/obeyed"
  printf '# copy: blue\n# version: dev\n# known: \n' >state/live/upstreams-stock.conf
  echo api >state/live/api && echo stock >state/live/stock
}

@test "SHOP-9 one unit alone: its migration, its copy, its versions; callers are told by its file, the rest is not touched" {
  run -0 ops/deploy 1.0.0 --only stock --no-build
  [[ "$output" == *"migrate: "*"smoke: green, through the network of its callers"*"live: 1.0.0 of stock (green)"*"ops/rollback --only stock"* ]]
  [ "$(cat state/live/stock state/live/api | tr '\n' ' ')" = 'stock-green api ' ]
  [ "$(stat -c %a state/live/stock)" = 644 ]
  grep -qx 'STOCK_LIVE_VERSION=1.0.0' state/live.env
  grep -qx 'STOCK_BLUE_VERSION=dev' state/live.env
  run ! grep -q API_ state/live.env
  [ "$(lines '^start -a c-migrate$')" -lt "$(lines '^start c-stock-green$')" ]
  # Asked in its own network, by the address that it gives its callers.
  grep -q '^run --rm --network container:c-stock-green .* http://stock-green.stock:8001/health$' "$FAKE_LOG"
  # nginx knows nothing of it.
  run ! grep -q ' -s reload$' "$FAKE_LOG"
  run ! grep -qE '(start|stop|rm -sf|create) (.* )?(c-)?api' "$FAKE_LOG"
  grep -q ' --profile stock-green create ' "$FAKE_LOG"
  tail -n 1 state/deploys.jsonl | grep -q '"action":"deploy","unit":"stock","copy":"green","version":"1.0.0","result":"live"'
  run -0 ops/deploy 1.0.0 --only stock
  [[ "$output" == *"1.0.0 of stock is live already (green)"* ]]
}

@test "SHOP-9 a unit that the edge serves: nginx first, then its callers; what is remembered of others stays" {
  ops/deploy 1.0.0 --only stock --no-build >/dev/null
  run -0 ops/deploy 2.0.0 --only api --no-build
  [[ "$output" == *"smoke: green, through the edge's own network"*"live: 2.0.0 of api (green)"* ]]
  grep -q 'release_api { default "green-2.0.0"; }' "$SERVER/obeyed"
  [ "$(cat state/live/stock state/live/api | tr '\n' ' ')" = 'stock-green api-green ' ]
  for line in STOCK_LIVE_VERSION=1.0.0 STOCK_LIVE_COPY=green API_LIVE_VERSION=2.0.0 API_LIVE_COPY=green API_BLUE_VERSION=dev; do grep -qx "$line" state/live.env; done
  [ "$(grep -c = state/live.env)" -eq 8 ]
  run -0 ops/rollback --only api
  [[ "$output" == *"rolled back: dev of api (blue)"* ]]
  [ "$(cat state/live/stock state/live/api | tr '\n' ' ')" = 'stock-green api ' ]
  run -0 ops/status
  [[ "$output" == *"stock:"*"green: live, version 1.0.0"*"api:"*"blue: live, version dev"* ]]
}

@test "SHOP-9 without a word all are deployed, who is called before who calls, and all go back, callers first" {
  run -0 ops/deploy 1.0.0 --no-build
  [[ "$output" == *"1.0.0 of stock (green)"*"1.0.0 of api (green)"*"all 2 units run 1.0.0"* ]]
  run -0 ops/rollback
  [[ "$output" == *"rolled back: dev of api (blue)"*"rolled back: dev of stock (blue)"* ]]
  [ "$(cat state/live/stock state/live/api | tr '\n' ' ')" = 'stock api ' ]
  run -0 ops/smoke
  [[ "$output" == *"1 requests answered by blue of stock (dev)"*"1 requests answered by blue of api (dev)"* ]]
}

@test "SHOP-9 a unit that fails stops the rest; callers never hear of it" {
  FAKE_ILL=stock-green run -1 ops/deploy 1.0.0 --no-build
  [[ "$output" == *"1.0.0 of stock is not live, it stopped at step start; dev (blue) serves as before"*"stopped at stock"*"those after it were not touched"* ]]
  [ "$(cat state/live/stock state/live/api | tr '\n' ' ')" = 'stock api ' ]
  run ! grep -q 'c-api-green' "$FAKE_LOG"
  FAKE_STATUS=500 run -1 ops/deploy 1.0.0 --only stock --no-build
  [[ "$output" == *"stock-green answers 500 to /health"* ]]
  [ "$(cat state/live/stock)" = stock ]
}

@test "a unit that there is not is said, with those that there are" {
  for command in "deploy 1.0.0" rollback smoke; do
    # shellcheck disable=SC2086 # two words
    run -2 ops/$command --only stok
    [[ "$output" == *"there is no unit 'stok'; there are: stock api"* ]]
  done
  rm ops/data/units.tsv
  run -2 ops/deploy 1.0.0 --only stock
  [[ "$output" == *"this project is deployed as a whole"* ]]
}
