#!/usr/bin/env bats
load project

setup() {
  project
  parts log-shipping
  printf 'log-shipper\tlong-running\tshipping\t24224\t192\tlog-shipper\t-\t-\t-\n' >>ops/data/services.tsv
  printf 'LOG_SHIPPING_URL=https://logs.test/ingest\n' >.env
  fake_docker
  export FAKE_SERVICES=log-shipper FAKE_ENGINE_ROOM=$BATS_TEST_TMPDIR/room FIGURES=$BATS_TEST_TMPDIR/figures OLD=$BATS_TEST_TMPDIR/old
  cat >"$FAKE_ENGINE_ROOM" <<'SH'
#!/usr/bin/env bash
case "$*" in
  *wget*) [ -s "$FIGURES" ] || { echo "wget: refused" >&2; exit 1; }; cat "$FIGURES" ;;
  *find*) cat "$OLD" ;;
  *du*) printf '640\t/var/lib/log-shipper\n' ;;
esac
SH
  chmod +x "$FAKE_ENGINE_ROOM"
  : >"$OLD"
  figures 0 0
}

# figures DROPPED FAILED: as Fluent Bit 5.1 prints them.
figures() {
  cat >"$FIGURES" <<END
# HELP fluentbit_input_records_total Number of input records.
fluentbit_input_records_total{name="forward.0"} 120 1700000000000
fluentbit_input_records_total{name="fluentbit_metrics.1"} 7 1700000000000
fluentbit_output_proc_records_total{name="prometheus_exporter.0"} 7 1700000000000
fluentbit_output_proc_records_total{name="http.1"} 118 1700000000000
fluentbit_output_dropped_records_total{name="http.1"} $1 1700000000000
fluentbit_output_retries_failed_total{name="http.1"} $2 1700000000000
END
}

@test "it says how many lines came and went" {
  run -0 ops/log-shipping
  [ "$output" = "logs are shipped: 120 lines taken in since log-shipper started, 118 sent, 640 KiB on its disk" ]
}

@test "lines that wait or were given up, no address, no shipper: findings with a mend" {
  echo /var/lib/log-shipper/forward.0/1.flb >"$OLD"
  figures 5 2
  : >.env
  run -3 ops/log-shipping --minutes 9
  [[ "$output" == *"LOG_SHIPPING_URL is empty: no line leaves this host — write it into .env"* ]]
  [[ "$output" == *"lines wait for more than 9 minutes (640 KiB): the other side is down or refuses them — ops/logs log-shipper"* ]]
  [[ "$output" == *"7 lines were given up since log-shipper started"* ]]
  FAKE_SERVICES='' run -3 ops/log-shipping
  [[ "$output" == *"log-shipper does not run: lines are on this host alone — ops/up"* ]]
}

@test "a shipper that does not answer is a failure, a word too many is usage" {
  : >"$FIGURES"
  run -1 ops/log-shipping
  [[ "$output" == *"does not say how it is: wget: refused"*"next: ops/logs log-shipper"* ]]
  run -2 ops/log-shipping now
  run -2 ops/log-shipping --minutes soon
  run -0 ops/log-shipping --help
}

@test "production needs an address, development none" {
  settings() { bash -c 'set -euo pipefail; ME=ops/up; . ops/lib.sh; ME=ops/up; load_instance; MODE=$1; settings_changed' x "$1"; }
  run -0 settings production
  [ "$(stat -c %a tls/log-shipping)" = 755 ]
  : >.env
  run -0 settings development
  run -1 settings production
  [[ "$output" == *"LOG_SHIPPING_URL is empty: where do the logs go?"* ]]
}
