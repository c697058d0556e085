"""Doors to posts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.http import JSONRenderer
from sora_social.core.problems import json_bytes
from sora_social.core.wire import PageIn
from sora_social.media import certificates
from sora_social.posts import crediting, listing, posting, presenting, provenance, reactions, watching
from sora_social.posts.throttling import ManifestThrottle
from sora_social.posts.wire import ManifestOut, PostOut, PostPatchIn, PostsPageOut


class PostView(APIView):
    @extend_schema(responses=PostOut)
    def get(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """One post, with fresh media links."""
        return json_bytes(presenting.present_one(request.user, post_id))

    @extend_schema(request=PostPatchIn, responses=PostOut)
    def patch(self, request: PersonRequest, post_id: int) -> HttpResponse:
        """Edit my post; old captions are kept."""
        posting.edit_post(request.user, post_id, **PostPatchIn.checked(request.data))
        return json_bytes(presenting.present_one(request.user, post_id))

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, post_id: int) -> Response:
        """Delete my post for good. Its place in lineages stays as a tombstone."""
        posting.delete_post(request.user, post_id)
        return Response(status=204)


class ManifestView(APIView):
    throttle_classes = [ManifestThrottle]

    @extend_schema(operation_id="get_post_manifest", responses=ManifestOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """What the file of a post says of where it comes from, read now, and whether its signature holds."""
        return Response(provenance.manifest_of(request.user, post_id))


PEM = "application/pem-certificate-chain"


class PemRenderer(BaseRenderer):
    """So that a client may ask for certificates; what answers it is no DRF response."""

    media_type = PEM
    format = "pem"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:
        return data


class ManifestCertificatesView(APIView):
    authentication_classes = []
    permission_classes = []
    renderer_classes = [JSONRenderer, PemRenderer]

    @extend_schema(operation_id="get_manifest_certificates", responses={(200, PEM): OpenApiTypes.STR}, auth=[])
    def get(self, request: Request) -> HttpResponse:
        """The roots that clips are signed under, as PEM: anybody can check a file with them. Needs no account."""
        return HttpResponse(certificates.anchors(), content_type=PEM, headers={"X-Content-Type-Options": "nosniff"})


class UndoView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, post_id: int) -> Response:
        """Take my post back within its undo window, without a trace for others."""
        posting.undo_post(request.user, post_id)
        return Response(status=204)


class OwnCreditView(APIView):
    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, post_id: int) -> Response:
        """Take my name off a post that I am credited on, for good. May be repeated."""
        crediting.leave(request.user, post_id)
        return Response(status=204)


class LikeView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, post_id: int) -> Response:
        """Like. May be repeated."""
        reactions.like(request.user, post_id)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, post_id: int) -> Response:
        """Like no more."""
        reactions.unlike(request.user, post_id)
        return Response(status=204)


class SaveView(APIView):
    @extend_schema(request=None, responses={204: None})
    def put(self, request: PersonRequest, post_id: int) -> Response:
        """Save for later. May be repeated; only I see it."""
        reactions.save(request.user, post_id)
        return Response(status=204)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, post_id: int) -> Response:
        """Save no more."""
        reactions.unsave(request.user, post_id)
        return Response(status=204)


class SavedView(APIView):
    @extend_schema(parameters=[PageIn], responses=PostsPageOut)
    def get(self, request: PersonRequest) -> HttpResponse:
        """What I saved, newest first."""
        page = listing.saved_by(request.user, **PageIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page, listed=False))


class PersonAppearancesView(APIView):
    @extend_schema(parameters=[PageIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, handle: str) -> HttpResponse:
        """Posts in which this person's own face appears, by anybody, newest first."""
        page = listing.posts_casting(request.user, handle, **PageIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page))


class PersonPostsView(APIView):
    @extend_schema(parameters=[PageIn], responses=PostsPageOut)
    def get(self, request: PersonRequest, handle: str) -> HttpResponse:
        """A person's posts, newest first."""
        page = listing.posts_by(request.user, handle, **PageIn.checked(request.query_params))
        return json_bytes(presenting.present_page(request.user, page, listed=False))


@require_safe
def post_media(request: HttpRequest, post_id: int, grant: str, name: str) -> HttpResponseBase:
    """A file of a post, by a signed link of which visibility is asked again."""
    return watching.serve_media(request, post_id, grant=grant, name=name)
