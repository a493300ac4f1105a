import type { BootDefect } from "./boot.ts";

/** Of the project that test/e2e/suite/95-monitoring.test.ts boots for itself. */
export const MONITORING_DEFECTS: readonly BootDefect[] = [
  {
    id: "alert-never-fires",
    breaks: "an alert asks for what never is",
    caughtBy: "PROD-6 alert TargetDown fires",
    on: "monitoring",
    apply: (p) => p.patch("services/prometheus/rules/targets.yml", '(up{job!="site"}) == 0', '(up{job!="site"}) == 2'),
  },
  {
    id: "target-missing",
    breaks: "an exporter runs, and nobody asks it",
    caughtBy: "PROD-6 every target of the plan is up",
    on: "monitoring",
    apply: (p) => p.patch("ops/data/metrics.json", /,\n.*redis-exporter.*\n/, "\n"),
  },
  {
    id: "prometheus-open",
    breaks: "Prometheus answers on every network that it asks on",
    caughtBy: "PROD-6 Prometheus is closed",
    on: "monitoring",
    apply: (p) => p.patch("compose.yaml", '"$${LISTEN_HOST:-127.0.0.1}:9090"', '"0.0.0.0:9090"'),
  },
  {
    id: "metrics-at-the-edge",
    breaks: "the application shows its figures to the edge as well",
    caughtBy: "PROD-6 Prometheus is closed",
    on: "monitoring",
    apply: (p) => p.patch("compose.yaml", "METRICS_LISTEN_HOST: backend.app-metrics", "METRICS_LISTEN_HOST: 0.0.0.0"),
  },
  {
    id: "monitor-reads-rows",
    breaks: "the exporter's role may read every row",
    caughtBy: "PROD-6 the monitoring's logins",
    on: "monitoring",
    apply: (p) => p.patch("services/db/init/20-monitor.sh", "GRANT pg_monitor TO app_monitor;", "GRANT pg_monitor, pg_read_all_data TO app_monitor;"),
  },
];
