"""Doors to challenges."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.discovery import entries
from feeds.discovery.challenge_wire import ChallengeOut, ChallengesIn, ChallengesPageOut, EntriesIn
from feeds.discovery.leaderboard_wire import BOARD, LeaderboardPageOut
from feeds.scroll import scrolling
from sora_social.accounts.admission import PersonRequest
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.posts.wire import PostsPageOut


class ChallengesView(APIView):
    @extend_schema(parameters=[ChallengesIn], responses=ChallengesPageOut)
    def get(self, request: PersonRequest) -> Response:
        """Themes to make something for, the newest first; with `state`, those that are open, coming or past."""
        page = entries.challenges_page(request.user, **ChallengesIn.checked(request.query_params))
        return Response(ChallengesPageOut(page).data)


class ChallengeView(APIView):
    @extend_schema(responses=ChallengeOut)
    def get(self, request: PersonRequest, challenge_id: int) -> Response:
        """One challenge, with how many entered, and what of it is mine."""
        return Response(ChallengeOut(entries.challenge_for(request.user, challenge_id)).data)


class EntriesView(APIView):
    @extend_schema(parameters=[EntriesIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, challenge_id: int) -> HttpResponse:
        """What entered a challenge: the newest first, or with `sort=top` those that most people made something of."""
        scrolling.require_none(request.user)
        asked = EntriesIn.checked(request.query_params)
        return json_bytes(entries.entries_page(request.user, challenge_id, **asked))


class ChallengeLeaderboardView(APIView):
    @extend_schema(parameters=[BOARD, PageIn], responses=LeaderboardPageOut)
    def get(self, request: PersonRequest, challenge_id: int, board: str) -> HttpResponse:
        """Who leads in a challenge: entries most remixed or rising, cameos most cast in them."""
        asked = PageIn.checked(request.query_params)
        return json_bytes(entries.leaderboard_page(request.user, challenge_id, board, **asked))
