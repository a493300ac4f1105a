import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import REGISTRY
from pytest_django import Settings
from rest_framework.test import APIClient

ARTICLES = "api/v1/articles/?$"
COUNT = "http_request_duration_seconds_count"


def counted(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value(COUNT, labels) or 0.0


def test_a_request_is_counted_by_its_route(
    visitor: APIClient, db: None, settings: Settings
) -> None:
    settings.METRICS_PORT = 9101
    before = counted(ARTICLES, "401"), counted("none", "404")
    visitor.get("/api/v1/articles/?search=private")
    visitor.get("/nowhere/with/a/new/name")
    assert counted(ARTICLES, "401") == before[0] + 1
    assert counted("none", "404") == before[1] + 1


def test_nobody_counts_without_a_port(visitor: APIClient, db: None) -> None:
    before = counted(ARTICLES, "401")
    visitor.get("/api/v1/articles/")
    assert counted(ARTICLES, "401") == before


def test_a_worker_that_takes_a_slot_over_goes_on_counting(tmp_path: Path) -> None:
    code = (
        "import os, django; django.setup()\n"
        "from ops.metrics import REQUESTS\n"
        "REQUESTS.labels('GET', 'r', '200').observe(0.1)\n"
    )
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "METRICS_SLOT": "0",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], env=env, check=True)  # noqa: S603
    assert [file.name for file in tmp_path.iterdir()] == ["histogram_0.db"]
    show = (
        "from prometheus_client import CollectorRegistry, generate_latest\n"
        "from prometheus_client.multiprocess import MultiProcessCollector\n"
        "registry = CollectorRegistry(); MultiProcessCollector(registry)\n"
        "print(generate_latest(registry).decode())"
    )
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", show], env=env, check=True, capture_output=True, text=True
    )
    assert f'{COUNT}{{method="GET",route="r",status="200"}} 2.0' in shown.stdout
