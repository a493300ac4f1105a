# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
# Prometheus and its exporters: programs where the official images have them, on busybox alone.
for name in prometheus node-exporter blackbox-exporter postgres-exporter redis-exporter; do
    missing "$name" bash curl getent python3 apt-get
    present "$name" sh wget cat
done
present prometheus promtool
is 'prometheus: user, entrypoint, folder' 'nobody|[/bin/prometheus]|/prometheus' "$(config prometheus '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.WorkingDir}}')"
is 'prometheus: its data is a volume of nobody' '65534:65534' "$(inside prometheus 'stat -c %u:%g /prometheus')"
is 'node-exporter: user, entrypoint' 'nobody|[/bin/node_exporter]' "$(config node-exporter '{{.Config.User}}|{{.Config.Entrypoint}}')"
is 'postgres-exporter: user, entrypoint' 'nobody|[/bin/postgres_exporter]' "$(config postgres-exporter '{{.Config.User}}|{{.Config.Entrypoint}}')"
is 'blackbox-exporter: entrypoint' '[/bin/blackbox_exporter]' "$(config blackbox-exporter '{{.Config.Entrypoint}}')"
is 'redis-exporter: user, entrypoint' '59000:59000|[/redis_exporter]' "$(config redis-exporter '{{.Config.User}}|{{.Config.Entrypoint}}')"

ask() { printf 'wget\n-q\n-O\n/dev/null\nhttp://127.0.0.1:%s\n' "$1"; }
mapfile -t up_prometheus < <(ask 9090/-/ready)
mapfile -t up_node < <(ask 9100/)
mkdir -p "$work/prometheus"
printf 'scrape_configs: []\n' >"$work/prometheus/prometheus.yml"
chmod -R a+rX "$work"
start pr prometheus "${hardened[@]}" --user 65534:65534 -v "$(volume pr-data):/prometheus" -v "$work/prometheus:/etc/prometheus:ro"
is 'prometheus: as nobody, read-only, no capability' up "$(until_up pr "${up_prometheus[@]}")"
restart pr
is 'prometheus: again on a volume that holds data' up "$(until_up pr "${up_prometheus[@]}")"
has 'prometheus: the answer of a question is one line a series' '^\{\} => 2 @\[' "$(docker exec "$run-pr" promtool query instant http://127.0.0.1:9090 'vector(1) + 1')"
start ne node-exporter "${hardened[@]}" --user 65534:65534
is 'node-exporter: as nobody, read-only, no capability' up "$(until_up ne "${up_node[@]}")"
has 'node-exporter: sees the disk of a folder that it is given' 'mountpoint="/etc/hostname"' "$(docker exec "$run-ne" wget -q -O - http://127.0.0.1:9100/metrics | grep ^node_filesystem_avail)"
docker rm -fv "$run-pr" "$run-ne" >/dev/null
