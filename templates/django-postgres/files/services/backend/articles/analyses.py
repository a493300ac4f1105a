"""The life of an analysis: pending, running, done or failed.

Each step is one conditional UPDATE that names the version of the article. A worker that comes late,
twice or with an old version changes no row, and so does no harm.
"""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from articles.models import Analysis, Article
from articles.text_analysis import TextAnalysis

logger = logging.getLogger(__name__)

State = Analysis.State

MAX_ATTEMPTS = 10
REQUEUE_BATCH = 500
# Pending: the message was lost. Running: longer than a task may take, so its worker is gone.
PENDING_PATIENCE = timedelta(seconds=settings.REQUEUE_AFTER_SECONDS)
RUNNING_PATIENCE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 60)


def request_analysis(article: Article) -> None:
    """Resets the row to the present version. Call it in the transaction of the change."""
    fresh = Analysis(article=article, article_version=article.version)
    names = [field.name for field in Analysis._meta.fields if field.name not in ("id", "article")]
    analysis, _ = Analysis.objects.update_or_create(
        article=article, defaults={name: getattr(fresh, name) for name in names}
    )
    article.analysis = analysis
    # After the commit, or a quick worker would look for a version that is not there yet.
    transaction.on_commit(lambda: enqueue(article.pk, article.version), robust=True)


def enqueue(article_id: UUID, version: int) -> bool:
    """Sends the job. Without a broker the row stays pending, and `requeue_stuck` sends it later."""
    from articles.tasks import analyse_article  # noqa: PLC0415 - the task calls this module

    try:
        # No retry: a visitor is waiting, and nothing is lost.
        analyse_article.apply_async(args=(str(article_id), version), retry=False)
    except Exception as error:  # noqa: BLE001 - kombu lets errors of each of its layers through
        logger.warning(
            "analysis not queued, it will be later: %s",
            error,
            extra={"article_id": str(article_id), "article_version": version},
        )
        return False
    return True


def claim(article_id: UUID, version: int) -> Article | None:
    """Marks the analysis as running; None when there is nothing left to do for this version."""
    claimed = Analysis.objects.filter(
        article_id=article_id,
        article_version=version,
        # Running as well: a redelivered message means that the first worker died.
        state__in=[State.PENDING, State.RUNNING],
    ).update(state=State.RUNNING, attempts=F("attempts") + 1, touched_at=timezone.now())
    if not claimed:
        return None
    return Article.objects.filter(pk=article_id, version=version).first()


def finish(article_id: UUID, version: int, result: TextAnalysis) -> bool:
    """Stores the result, unless the article has moved on since."""
    return _close(article_id, version, state=State.DONE, error="", **result._asdict())


def fail(article_id: UUID, version: int, reason: str) -> bool:
    return _close(article_id, version, state=State.FAILED, error=reason[:200])


def _close(article_id: UUID, version: int, **values: object) -> bool:
    now = timezone.now()
    rows = Analysis.objects.filter(
        article_id=article_id, article_version=version, state=State.RUNNING
    ).update(**values, finished_at=now, touched_at=now)
    return rows == 1


def requeue_stuck() -> int:
    """Sends again what was lost: no broker at the time, or a worker that died."""
    now = timezone.now()
    pending = Analysis.objects.filter(state=State.PENDING, touched_at__lt=now - PENDING_PATIENCE)
    running = Analysis.objects.filter(state=State.RUNNING, touched_at__lt=now - RUNNING_PATIENCE)
    # A text that kills its worker each time must not come round for ever.
    given_up = (
        (pending | running)
        .filter(attempts__gte=MAX_ATTEMPTS)
        .update(state=State.FAILED, error="Gave up after too many attempts.", finished_at=now)
    )
    if given_up:
        logger.error("gave up on %d analyses", given_up)

    stuck = (pending | running).order_by("touched_at").values_list("article_id", "article_version")
    sent = 0
    for article_id, version in stuck[:REQUEUE_BATCH]:
        # Before it is sent: afterwards a quick worker may have claimed it already.
        (pending | running).filter(article_id=article_id, article_version=version).update(
            state=State.PENDING, touched_at=now
        )
        if not enqueue(article_id, version):
            break
        sent += 1
    if sent:
        logger.info("requeued %d analyses", sent)
    return sent
