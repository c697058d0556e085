"""How often a person may ask for what is dear to make."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from feeds.scroll.nudge_cards import BEGINNING

if TYPE_CHECKING:
    from rest_framework.views import APIView


class FreshFeedThrottle(UserRateThrottle):
    """At most so many scrolls of For You begun a minute by one person; pages with a cursor are not counted."""

    scope = "fresh_feed"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        asked = request.query_params
        if asked.get("cursor", BEGINNING) not in {"", BEGINNING} or asked.get("feed", "for_you") != "for_you":
            return True
        return bool(super().allow_request(request, view))
