"""Shows Prometheus what gunicorn's workers count: `python -m ops.metrics_server`.

A process of its own, started by gunicorn: it answers also when every worker is busy, and its port
is open on the network of Prometheus alone.
"""

import threading

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from service_kit.environment import env_int, env_list, env_str


def main() -> None:
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    port = env_int("METRICS_PORT", 0, minimum=1)
    for host in env_list("METRICS_LISTEN_HOST", env_str("LISTEN_HOST", "127.0.0.1")):
        start_http_server(port, host, registry)
    threading.Event().wait()


if __name__ == "__main__":
    main()
