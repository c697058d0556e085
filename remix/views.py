"""Doors to the graph."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from remix import exporting, lineage, picturing, sharing
from remix.drawing import pictures
from remix.throttling import ExportThrottle, PictureThrottle
from remix.wire import LineageAnswerOut, LineageExportOut, RemixesIn, ShareOut, TreePageOut
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
