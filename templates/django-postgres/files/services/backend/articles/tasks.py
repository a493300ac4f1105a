import logging
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from articles import analyses
from articles.text_analysis import analyse

logger = logging.getLogger(__name__)

MAX_RETRIES = 5


@shared_task(
    bind=True,
    name="articles.analyse_article",
    autoretry_for=(OperationalError, InterfaceError),
    max_retries=MAX_RETRIES,
    retry_backoff=2,
    retry_backoff_max=60,
    retry_jitter=True,
)
def analyse_article(self: "Task[Any, Any]", article_id: str, version: int) -> str:
    key = UUID(article_id)
    article = analyses.claim(key, version)
    if article is None:
        return "superseded"
    try:
        result = analyse(article.body)
    except SoftTimeLimitExceeded:
        analyses.fail(key, version, "The analysis took too long.")
        return "failed"
    except Exception:
        logger.exception("analysis failed", extra={"article_id": article_id})
        analyses.fail(key, version, "The text could not be analysed.")
        return "failed"
    return "done" if analyses.finish(key, version, result) else "superseded"


@shared_task(name="articles.requeue_stuck_analyses", expires=60)
def requeue_stuck_analyses() -> int:
    return analyses.requeue_stuck()
