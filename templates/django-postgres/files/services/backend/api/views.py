from rest_framework.request import Request
from rest_framework.views import APIView


class CountedFirst(APIView):
    """Counts a request against its limit before asking for permission.

    DRF does it the other way round, and so never limits visitors who are refused.
    """

    def check_permissions(self, request: Request) -> None:
        super().check_throttles(request)
        super().check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        """Done in `check_permissions`."""
