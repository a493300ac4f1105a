"""Changes come from our own pages alone."""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from service_kit.problems import Problem

CSRF_COOKIE = "csrftoken"
CSRF_HEADER = "X-CSRFToken"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_csrf(request: Request) -> None:
    """For everything that changes something, signing in as well.

    A page of another site can send the cookie, and can neither read it nor set this header; and a
    browser that says where a request comes from is believed.
    """
    if request.method in SAFE_METHODS:
        return
    cookie = request.cookies.get(CSRF_COOKIE, "")
    header = request.headers.get(CSRF_HEADER, "")
    if not cookie or not secrets.compare_digest(cookie.encode(), header.encode()):
        raise Problem(403, "csrf_failed", f"The header {CSRF_HEADER} and the cookie differ.")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        raise Problem(403, "csrf_failed", "The request comes from a page of another origin.")


def give_csrf(response: Response, token: str, *, https: bool) -> None:
    # Not HttpOnly: the page reads it and sends it back as a header, which no other site can.
    response.set_cookie(CSRF_COOKIE, token, max_age=365 * 24 * 3600, secure=https, samesite="lax")
