import os

from celery import Celery

from ops import celery_signals  # noqa: F401 - connects its receivers
from ops.celery_health import BrokerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("backend")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(BrokerHeartbeat)
