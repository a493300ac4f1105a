from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ops.health import collect_health


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Ready to serve: the database and the cache answer."""
    checks = collect_health()
    healthy = all(state == "ok" for state in checks.values())
    body: dict[str, object] = {
        "status": "healthy" if healthy else "unhealthy",
        **checks,
        "version": settings.APP_VERSION,
    }
    if not healthy:
        body["failed"] = sorted(name for name, state in checks.items() if state != "ok")
    return JsonResponse(body, status=200 if healthy else 503)


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process serves requests; says nothing of what it depends on."""
    return JsonResponse({"status": "alive", "version": settings.APP_VERSION})
