"""The door to the leaderboards."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from feeds.discovery import leaderboards
from feeds.discovery.leaderboard_wire import BOARD, LeaderboardIn, LeaderboardPageOut
from sora_social.accounts.admission import PersonRequest
from sora_social.core.problems import json_bytes


class LeaderboardView(APIView):
    @extend_schema(parameters=[BOARD, LeaderboardIn], responses=LeaderboardPageOut)
    def get(self, request: PersonRequest, board: str) -> HttpResponse:
        """What most people made something of, which cameos most people cast, and what is rising."""
        asked = LeaderboardIn.checked(request.query_params)
        return json_bytes(leaderboards.page_of(request.user, board, **asked))
