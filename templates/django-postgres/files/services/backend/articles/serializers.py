from rest_framework import serializers

from articles.models import Analysis, Article

_ARTICLE_FIELDS = ["id", "title", "version", "created_at", "updated_at", "analysis"]


class AnalysisSerializer(serializers.ModelSerializer[Analysis]):
    class Meta:
        model = Analysis
        fields = [
            "state",
            "article_version",
            "attempts",
            "word_count",
            "sentence_count",
            "reading_time_seconds",
            "top_terms",
            "body_sha256",
            "error",
            "finished_at",
        ]
        read_only_fields = fields


class ArticleSummarySerializer(serializers.ModelSerializer[Article]):
    analysis = AnalysisSerializer(read_only=True)

    class Meta:
        model = Article
        fields = _ARTICLE_FIELDS
        read_only_fields = fields


class ArticleSerializer(serializers.ModelSerializer[Article]):
    analysis = AnalysisSerializer(read_only=True)

    class Meta:
        model = Article
        fields = [*_ARTICLE_FIELDS, "body"]
        read_only_fields = ["id", "version", "created_at", "updated_at"]
        extra_kwargs = {"body": {"trim_whitespace": False}}
