from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView


class CountedFirst(APIView):
    """Counts each request against its limit, the refused ones as well.

    DRF counts only what has passed the CSRF and permission checks, so guessing would be free.
    """

    def perform_authentication(self, request: Request) -> None:
        try:
            super().perform_authentication(request)
        except APIException:
            super().check_throttles(request)
            raise
        super().check_throttles(request)

    def check_throttles(self, request: Request) -> None:
        """Done in `perform_authentication`."""
