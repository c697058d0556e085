"""How often a person may ask for what is dear to make."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from feeds.scroll.nudge_cards import BEGINNING

if TYPE_CHECKING:
    from rest_framework.views import APIView


class FreshFeedThrottle(UserRateThrottle):
    """At most so many scrolls of For You or a mood begun a minute by one person; pages with a cursor do not count."""

    scope = "fresh_feed"

    def allow_request(self, request: Request, view: "APIView") -> bool:
        asked = request.query_params
        begins = asked.get("cursor", "").strip() in {"", BEGINNING}  # the form strips, too
        if not begins or asked.get("feed", "for_you") not in {"for_you", "mood"}:
            return True
        return bool(super().allow_request(request, view))
