from django.contrib.auth.models import AbstractBaseUser
from rest_framework import authentication, exceptions
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Session cookies, with the CSRF check for visitors as well.

    DRF checks signed-in users only, which leaves the login form itself open to login CSRF.
    """

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, None] | None:
        self.enforce_csrf(request)
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        return (user, None)

    def enforce_csrf(self, request: Request) -> None:
        # DRF says permission_denied; a page must tell it from a missing right: a new token helps.
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as refused:
            raise exceptions.PermissionDenied(str(refused.detail), code="csrf_failed") from refused

    def authenticate_header(self, request: Request) -> str:
        # Without a challenge DRF turns 401 into 403, and a browser app could not tell them apart.
        return "Session"
