"""Doors to challenges, leaderboards, an author's reach, and search."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.discovery import entries, leaderboards, reach, search
from feeds.discovery.wire import (
    BOARD,
    ChallengeOut,
    ChallengesIn,
    ChallengesPageOut,
    EntriesIn,
    LeaderboardIn,
    LeaderboardPageOut,
    ReachOut,
    SearchIn,
    SearchPageOut,
)
from feeds.scroll import scrolling
from sora_social.accounts.admission import PersonRequest
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.posts.wire import PostsPageOut


class ChallengesView(APIView):
    @extend_schema(tags=["challenges"], parameters=[ChallengesIn], responses=ChallengesPageOut)
    def get(self, request: PersonRequest) -> Response:
        """Themes to make something for, the newest first; with `state`, those that are open, coming or past."""
        page = entries.challenges_page(request.user, **ChallengesIn.checked(request.query_params))
        return Response(ChallengesPageOut(page).data)


class ChallengeView(APIView):
    @extend_schema(tags=["challenges"], responses=ChallengeOut)
    def get(self, request: PersonRequest, challenge_id: int) -> Response:
        """One challenge, with how many entered, and what of it is mine."""
        return Response(ChallengeOut(entries.challenge_for(request.user, challenge_id)).data)


class EntriesView(APIView):
    @extend_schema(tags=["challenges"], parameters=[EntriesIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, challenge_id: int) -> HttpResponse:
        """What entered a challenge: the newest first, or with `sort=top` those that most people made something of."""
        scrolling.require_none(request.user)
        asked = EntriesIn.checked(request.query_params)
        return json_bytes(entries.entries_page(request.user, challenge_id, **asked))


class ChallengeLeaderboardView(APIView):
    @extend_schema(tags=["challenges"], parameters=[BOARD, PageIn], responses=LeaderboardPageOut)
    def get(self, request: PersonRequest, challenge_id: int, board: str) -> HttpResponse:
        """Who leads in a challenge: entries most remixed or rising, cameos most cast in them."""
        asked = PageIn.checked(request.query_params)
        return json_bytes(entries.leaderboard_page(request.user, challenge_id, board, **asked))


class LeaderboardView(APIView):
    @extend_schema(tags=["leaderboards"], parameters=[BOARD, LeaderboardIn], responses=LeaderboardPageOut)
    def get(self, request: PersonRequest, board: str) -> HttpResponse:
        """What most people made something of, which cameos most people cast, and what is rising."""
        asked = LeaderboardIn.checked(request.query_params)
        return json_bytes(leaderboards.page_of(request.user, board, **asked))


class ReachView(APIView):
    @extend_schema(tags=["feeds"], responses=ReachOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """How far my post came: who was shown it, watched, opened the composer, published. For its author alone."""
        return Response(ReachOut(reach.reach_of(request.user, post_id)).data)


class SearchView(APIView):
    @extend_schema(tags=["search"], operation_id="search", parameters=[SearchIn], responses=SearchPageOut)
    def get(self, request: PersonRequest) -> HttpResponse:
        """Find posts by their words, or people, cameos, tags and templates by their names, as one types."""
        return json_bytes(search.page_for(request.user, **SearchIn.checked(request.query_params)))
