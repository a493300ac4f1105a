from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework import filters, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from api.problems import Conflict
from api.views import CountedFirst
from articles.analyses import request_analysis
from articles.models import Article
from articles.preconditions import etag, expected_version
from articles.serializers import ArticleSerializer, ArticleSummarySerializer


class ArticleViewSet(CountedFirst, viewsets.ModelViewSet[Article]):
    filter_backends = [filters.SearchFilter, filters.OrderingFilter]
    search_fields = ["title", "body"]
    ordering_fields = ["created_at", "updated_at", "title"]
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def get_queryset(self) -> QuerySet[Article]:
        # Someone else's article is not forbidden but absent: its id tells nothing.
        articles = Article.objects.filter(owner_id=self.request.user.pk).select_related("analysis")
        return articles.defer("body") if self.action == "list" else articles

    def get_serializer_class(self) -> type[BaseSerializer[Article]]:
        return ArticleSummarySerializer if self.action == "list" else ArticleSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            article = serializer.save(owner_id=request.user.pk)
            request_analysis(article)
        return self._answer(article, HTTPStatus.CREATED)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        article = self.get_object()
        expected = expected_version(request)
        serializer = self.get_serializer(
            article, data=request.data, partial=kwargs.get("partial", False)
        )
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            changed = (
                self.get_queryset()
                .filter(pk=article.pk, version=expected)
                .update(
                    **serializer.validated_data,
                    version=F("version") + 1,
                    updated_at=timezone.now(),
                )
            )
            present = self.get_queryset().filter(pk=article.pk).first()
            if present is None:
                raise Http404
            if not changed:
                raise Conflict(
                    f"You changed version {expected}, but version {present.version} is stored.",
                    current_version=present.version,
                )
            request_analysis(present)
        return self._answer(present)

    def _answer(self, article: Article, status: int = HTTPStatus.OK) -> Response:
        return Response(
            self.get_serializer(article).data,
            status=status,
            headers={"ETag": etag(article.version), "Cache-Control": "private, no-cache"},
        )
