"""gunicorn, configured by the environment. Needs no home directory and a writable /tmp only."""

import os
import subprocess
import sys
import tempfile
from typing import Any

from gunicorn.glogging import Logger

from service_kit.environment import env_bool, env_int, env_str
from service_kit.request_id import HEADER

# Only the web server keeps a connection pool: Celery forks, and a forked pool is shared sockets.
# (gunicorn's workers fork as well, but from a master that has opened none.)
os.environ.setdefault("DB_POOL", "true")

# Loaded in the master, so that a missing secret ends the service with one clear line; in a worker
# it would be repeated, with a traceback, by each worker that replaces the one before.
from config import settings

wsgi_app = "config.wsgi:application"

_port = env_int("PORT", 8000, minimum=1)
_listen_host = env_str("LISTEN_HOST", "127.0.0.1")
# A name such as backend.app resolves on one network only, so the port is closed on all others.
_hosts = ["0.0.0.0"] if _listen_host == "0.0.0.0" else sorted({"127.0.0.1", _listen_host})  # noqa: S104
bind = [f"{host}:{_port}" for host in _hosts]

worker_class = "gthread"
workers = env_int("WEB_CONCURRENCY", 2, minimum=1)
threads = env_int("WEB_THREADS", 4, minimum=1)
worker_tmp_dir = env_str("WORKER_TMP_DIR", "/dev/shm")  # noqa: S108
control_socket_disable = True  # it would want a writable home directory

timeout = 30
graceful_timeout = env_int("GRACEFUL_TIMEOUT", 30, minimum=1)
# Longer than nginx keeps an idle upstream connection (30 s): nginx is always the one to close it.
keepalive = 75
max_requests = env_int("WEB_MAX_REQUESTS", 5000)
max_requests_jitter = max_requests // 5

# Django reads X-Forwarded-Proto itself (SECURE_PROXY_SSL_HEADER), so gunicorn trusts nobody here.
forwarded_allow_ips = ""

errorlog = "-"
loglevel = settings.LOG_LEVEL.lower()
logconfig_dict: dict[str, Any] = settings.LOGGING
# Off: Django writes the request line, and knows the user. This one also counts static files.
accesslog = "-" if env_bool("GUNICORN_ACCESS_LOG", default=False) else None


class JsonAccessLogger(Logger):  # type: ignore[misc]
    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        if not self.cfg.accesslog:
            return
        path = environ.get("PATH_INFO", "")
        headers = {name.lower(): value for name, value in resp.headers}
        self.access_log.info(
            "%s %s %s",
            environ.get("REQUEST_METHOD"),
            path,
            resp.status_code,
            extra={
                "request_id": headers.get(HEADER.lower()),
                "method": environ.get("REQUEST_METHOD"),
                "path": path,
                "status": resp.status_code,
                "bytes": getattr(resp, "sent", None),
                "duration_ms": round(request_time.total_seconds() * 1000, 1),
            },
        )


logger_class = JsonAccessLogger

if settings.METRICS_PORT:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")

    def when_ready(server: Any) -> None:
        server.metrics = subprocess.Popen([sys.executable, "-m", "ops.metrics_server"])

    def pre_fork(server: Any, worker: Any) -> None:
        taken = {other.metrics_slot for other in server.WORKERS.values()}
        worker.metrics_slot = next(slot for slot in range(len(taken) + 1) if slot not in taken)

    def post_fork(server: Any, worker: Any) -> None:
        os.environ["METRICS_SLOT"] = str(worker.metrics_slot)

    def on_exit(server: Any) -> None:
        if process := getattr(server, "metrics", None):
            process.terminate()
