import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export interface Metrics {
  readonly registry: Registry;
  observe(request: { readonly method: string; readonly route: string; readonly status: number; readonly seconds: number }): void;
}

export function makeMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "http_request_duration_seconds",
    help: "Requests by method, route and status, and how long they took.",
    labelNames: ["method", "route", "status"],
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    registry,
    observe({ method, route, status, seconds }) {
      // The route, never the path: a client chooses that one, and each new value is a series for ever.
      requests.observe({ method: METHODS.has(method) ? method : "other", route, status: String(status) }, seconds);
    },
  };
}
