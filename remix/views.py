"""Doors to the graph."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from remix import lineage, picturing
from remix.wire import LineageAnswerOut, RemixesIn, TreePageOut
from sora_social.accounts.admission import PersonRequest
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.posts import presenting
from sora_social.posts.wire import PostsPageOut


class RemixesView(APIView):
    @extend_schema(parameters=[RemixesIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """What was made directly from this post."""
        page = lineage.remixes_of(request.user, post_id, **RemixesIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page))


class LineageView(APIView):
    @extend_schema(responses=LineageAnswerOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """Where this post comes from: its ancestors up to the roots, nearest first."""
        return json_bytes(picturing.lineage_bytes(request.user, lineage.lineage_of(request.user, post_id)))


class TreeView(APIView):
    @extend_schema(parameters=[PageIn], responses=TreePageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """Everything that came of this post, depth first, in pages."""
        page = lineage.tree_of(request.user, post_id, **PageIn.checked(request.query_params))
        return json_bytes(picturing.tree_bytes(request.user, page))
