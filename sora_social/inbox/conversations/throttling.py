"""How often people may begin to talk to others."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # DRF may be importing its own views
    from rest_framework.views import APIView


class BeginningThrottle(UserRateThrottle):
    """At most so many conversations begun, and people added to groups, an hour by one person."""

    scope = "conversations"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        if request.method not in {"POST", "PUT"}:
            return True
        return bool(super().allow_request(request, view))
