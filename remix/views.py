"""Doors to the graph."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from remix import ancestry, derivations, exporting, picturing, sharing, tree
from remix.drawing import pictures
from remix.throttling import DecisionThrottle, ExportThrottle, PictureThrottle
from remix.wire import (
    DecisionIn,
    DerivationOut,
    DerivationsPageOut,
    LineageAnswerOut,
    LineageExportOut,
    PathIn,
    PathOut,
    RemixesIn,
    ShareOut,
    SiblingsIn,
    TreeIn,
    TreePageOut,
)
from sora_social.accounts.admission import PersonRequest
from sora_social.core.http import JSONRenderer
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.posts import presenting
from sora_social.posts.wire import PostsPageOut


class RemixesView(APIView):
    @extend_schema(parameters=[RemixesIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """What was made directly from this post."""
        page = derivations.remixes_of(request.user, post_id, **RemixesIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page))


class SiblingsView(APIView):
    @extend_schema(parameters=[SiblingsIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """What else was made from this post's first source, nearest first: the swipe. Earlier ones lie to the left."""
        page = derivations.siblings_of(request.user, post_id, **SiblingsIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page))


class LineageView(APIView):
    @extend_schema(parameters=[PageIn], responses=LineageAnswerOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """Where this post comes from, its ancestors up to the roots, nearest first; and how much came of it."""
        found = ancestry.lineage_of(request.user, post_id, **PageIn.checked(request.query_params))
        return json_bytes(picturing.lineage_bytes(request.user, found))


class PathView(APIView):
    @extend_schema(parameters=[PathIn], responses=PathOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """The shortest way from this post to another, up to what both come from and down again."""
        asked = PathIn.checked(request.query_params)
        found = ancestry.path_between(request.user, post_id, asked.pop("to"), **asked)
        return json_bytes(picturing.path_bytes(request.user, found))


class TreeView(APIView):
    @extend_schema(parameters=[TreeIn], responses=TreePageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """Everything that came of this post, in pages. A page may be short before the end."""
        page = tree.tree_of(request.user, post_id, **TreeIn.checked(request.query_params))
        return json_bytes(picturing.tree_bytes(request.user, page))


class LeavesView(APIView):
    @extend_schema(parameters=[PageIn], responses=TreePageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """The ends of what came of this post: posts that nothing was made from. A page may be short before the end."""
        page = tree.leaves_of(request.user, post_id, **PageIn.checked(request.query_params))
        return json_bytes(picturing.tree_bytes(request.user, page))


class DerivationsView(APIView):
    @extend_schema(parameters=[PageIn], responses=DerivationsPageOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """What others made from my post, newest first, with what I decided about each."""
        page = derivations.derivations_of(request.user, post_id, **PageIn.checked(request.query_params))
        return json_bytes(picturing.derivations_bytes(request.user, page))


class DerivationView(APIView):
    throttle_classes = [DecisionThrottle]

    @extend_schema(request=DecisionIn, responses=DerivationOut)
    def patch(self, request: PersonRequest, post_id: int, child_id: int) -> HttpResponse:
        """Hide something made from my post from what is shown below it, with all that came of it; or detach it, so
        that it is not counted there either. Its credit of my post stays, and so does the post itself."""
        row = derivations.decide(request.user, post_id, child_id, **DecisionIn.checked(request.data))
        return json_bytes(picturing.derivation_bytes(request.user, row))


GRAPHML = "application/graphml+xml"
_FILE = {"X-Content-Type-Options": "nosniff", "X-Accel-Buffering": "no"}


class GraphmlRenderer(BaseRenderer):
    """So that a client may ask for GraphML; what answers it is no DRF response."""

    media_type = GRAPHML
    format = "graphml"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


class SvgRenderer(GraphmlRenderer):
    """So that a client may ask for a picture."""

    media_type = pictures.MIME
    format = "svg"


class LineageJsonView(APIView):
    throttle_classes = [ExportThrottle]

    @extend_schema(operation_id="export_post_lineage_json", responses=LineageExportOut)
    def get(self, request: PersonRequest, post_id: int) -> StreamingHttpResponse:
        """Export a lineage as JSON: the ancestors of this post and all that came of it, streamed."""
        made = exporting.export(request.user, post_id, form=exporting.JsonFormat())
        name = f'attachment; filename="lineage-{post_id}.json"'
        return StreamingHttpResponse(
            made, content_type="application/json", headers={"Content-Disposition": name, **_FILE}
        )


class LineageGraphmlView(APIView):
    renderer_classes = [JSONRenderer, GraphmlRenderer]
    throttle_classes = [ExportThrottle]

    @extend_schema(operation_id="export_post_lineage_graphml", responses={(200, GRAPHML): OpenApiTypes.STR})
    def get(self, request: PersonRequest, post_id: int) -> StreamingHttpResponse:
        """Export a lineage as GraphML, for programs that draw and measure graphs. Streamed, however large it is."""
        made = exporting.export(request.user, post_id, form=exporting.GraphmlFormat())
        name = f'attachment; filename="lineage-{post_id}.graphml"'
        return StreamingHttpResponse(made, content_type=GRAPHML, headers={"Content-Disposition": name, **_FILE})


class LineageSvgView(APIView):
    renderer_classes = [JSONRenderer, SvgRenderer]
    throttle_classes = [PictureThrottle]

    @extend_schema(operation_id="draw_post_lineage", responses={(200, pictures.MIME): OpenApiTypes.STR})
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """A picture of a lineage for people. Of a large one the most liked are drawn, with numbers for the rest."""
        headers = {"Content-Security-Policy": pictures.POLICY, "X-Content-Type-Options": "nosniff"}
        return HttpResponse(pictures.picture(request.user, post_id), content_type=pictures.MIME, headers=headers)


class ShareView(APIView):
    @extend_schema(request=None, responses=ShareOut)
    def post(self, request: PersonRequest, post_id: int) -> Response:
        """The link of a post that everybody may open, with the credit to show beside it. Each person counts once."""
        return Response(ShareOut(sharing.share(request.user, post_id)).data)
