from http import HTTPStatus

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User, normalise_email
from accounts.serializers import CredentialsSerializer, RegistrationSerializer, UserSerializer
from api.rate_limit import AuthRateLimit
from api.views import CountedFirst


@method_decorator(never_cache, name="dispatch")
class AccountView(CountedFirst):
    """Nothing that concerns a session may be cached on the way."""


class CsrfView(AccountView):
    """Sets the CSRF cookie and returns the token that goes into X-CSRFToken."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return Response({"csrf_token": get_token(request._request)})


class RegisterView(AccountView):
    """Answers the same whether or not the address has an account, and takes as long.

    So the new account is not signed in here: the client goes on to log in with what was typed.
    """

    permission_classes = [AllowAny]
    throttle_classes = [AuthRateLimit]

    def post(self, request: Request) -> Response:
        serializer = RegistrationSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        _create_unless_known(**serializer.validated_data)
        return Response(
            {"detail": "If the address had no account, it has one now. Sign in with it."},
            status=HTTPStatus.ACCEPTED,
        )


class LoginView(AccountView):
    permission_classes = [AllowAny]
    throttle_classes = [AuthRateLimit]

    def post(self, request: Request) -> Response:
        serializer = CredentialsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        # Hashes a password for an unknown address as well, so timing tells nothing.
        user = authenticate(
            request._request,
            username=normalise_email(serializer.validated_data["email"]),
            password=serializer.validated_data["password"],
        )
        if user is None:
            raise AuthenticationFailed("Email or password is wrong.", code="invalid_credentials")
        login(request._request, user)
        return _session_response(request, user)


class LogoutView(AccountView):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=HTTPStatus.NO_CONTENT)


class MeView(AccountView):
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(_signed_in(request)).data)


def _signed_in(request: Request) -> User:
    if not isinstance(request.user, User):  # the permission class has seen to it
        raise NotAuthenticated
    return request.user


def _session_response(request: Request, user: User) -> Response:
    # Logging in replaces the CSRF token; sending the new one saves the client a request.
    return Response({**UserSerializer(user).data, "csrf_token": get_token(request._request)})


def _create_unless_known(*, email: str, password: str, display_name: str) -> None:
    if User.objects.filter(email=email).exists():
        make_password(password)  # as slow as creating the account
        return
    try:
        with transaction.atomic():
            User.objects.create_user(email, password, display_name=display_name)
    except IntegrityError:
        pass  # someone else registered the address in this very moment
