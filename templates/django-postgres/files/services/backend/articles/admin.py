from django.contrib import admin

from articles.models import Analysis, Article


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "owner", "version", "updated_at")
    search_fields = ("title", "owner__email")
    raw_id_fields = ("owner",)
    readonly_fields = ("id", "version", "created_at", "updated_at")


@admin.register(Analysis)
class AnalysisAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("article", "article_version", "state", "attempts", "touched_at")
    list_filter = ("state",)
    raw_id_fields = ("article",)

    def has_add_permission(self, request: object) -> bool:
        return False
