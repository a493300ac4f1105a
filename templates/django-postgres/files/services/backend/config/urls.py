from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# Every path of the API works with and without its last slash: a redirect would lose a POST's body.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("ops.urls")),
    path("api/v1/auth/", include("accounts.urls")),
    path("api/v1/", include("articles.urls")),
]

if settings.ADMIN_ENABLED:
    urlpatterns.append(path("admin/", admin.site.urls))

handler400 = "api.problems.bad_request"
handler403 = "api.problems.permission_denied"
handler404 = "api.problems.not_found"
handler500 = "api.problems.server_error"
