from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone

MAX_BODY_LENGTH = 100_000


class Article(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="articles"
    )
    title = models.CharField(max_length=200)
    body = models.TextField(validators=[MaxLengthValidator(MAX_BODY_LENGTH)])
    # Grows with each change: what a client read is what it may overwrite.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="articles_owner_created"),
            models.Index(fields=["owner", "-updated_at"], name="articles_owner_updated"),
        ]

    def __str__(self) -> str:
        return self.title


class Analysis(models.Model):
    """What the worker found out about one version of an article; one row an article."""

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="analysis")
    article_version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it last went to the queue or to a worker: what stays here too long is stuck.
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    word_count = models.PositiveIntegerField(null=True)
    sentence_count = models.PositiveIntegerField(null=True)
    reading_time_seconds = models.PositiveIntegerField(null=True)
    top_terms = models.JSONField(default=list)
    body_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "analyses"
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=["pending", "running"]),
                name="articles_analysis_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.article_id} v{self.article_version}: {self.state}"
