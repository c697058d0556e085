"""Doors to the cameos.

Nobody is kept from taking consent back: suspended, on the waitlist, or where the service is not open.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from cameos import consent, enrolling, erasing, memorials, showing
from cameos.wire import (
    CameoIn,
    CameoOut,
    CameoPatchIn,
    CameosIn,
    CameosPageOut,
    GrantsPageOut,
    MemorialIn,
    MemorialOut,
    MemorialsPageOut,
    RecordingIn,
    ReleaseIn,
    RevokeIn,
)
from sora_social.accounts.admission import Admitted, AdmittedToMore, InAnyStanding, PersonRequest
from sora_social.core.wire import PageIn
from sora_social.media.uploads import UnnamedUpload


class CameosView(APIView):
    permission_classes = [AdmittedToMore]
    in_any_standing = ("GET",)

    @extend_schema(parameters=[CameosIn], responses=CameosPageOut)
    def get(self, request: PersonRequest) -> Response:
        """My cameos, newest first; with `castable`, everyone whom I may cast."""
        asked = CameosIn.checked(request.query_params)
        paging = {"cursor": asked["cursor"], "limit": asked["limit"]}
        if asked["castable"]:
            Admitted().has_permission(request, self)
            page = consent.castable_page(request.user, q=asked["q"], **paging)
        else:
            page = consent.cameos_of(request.user, **paging)
        return Response(CameosPageOut(showing.shown_page(request.user, page)).data)

    @extend_schema(request=CameoIn, responses={201: CameoOut})
    def post(self, request: PersonRequest) -> Response:
        """Begin a cameo, of myself or of a character. Nothing can be uploaded before its release is recorded."""
        made = enrolling.create(request.user, **CameoIn.checked(request.data))
        return Response(CameoOut(showing.shown(request.user, made)).data, status=201)


class CharactersView(APIView):
    @extend_schema(parameters=[PageIn], responses=CameosPageOut)
    def get(self, request: PersonRequest) -> Response:
        """The catalogue: ready-made characters that I may cast, newest first."""
        page = consent.catalogue_page(request.user, **PageIn.checked(request.query_params))
        return Response(CameosPageOut(showing.shown_page(request.user, page)).data)


class CameoView(APIView):
    permission_classes = [AdmittedToMore]
    in_any_standing = ("DELETE",)

    @extend_schema(responses=CameoOut)
    def get(self, request: PersonRequest, cameo_id: int) -> Response:
        """One cameo, with what I may do with it."""
        found = consent.cameo_for(request.user, cameo_id)
        return Response(CameoOut(showing.shown(request.user, found)).data)

    @extend_schema(request=CameoPatchIn, responses=CameoOut)
    def patch(self, request: PersonRequest, cameo_id: int) -> Response:
        """Say who may cast my cameo, and on which terms. In force when it returns, wider or narrower."""
        changed = consent.set_terms(request.user, cameo_id, **CameoPatchIn.checked(request.data))
        return Response(CameoOut(showing.shown(request.user, changed)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, cameo_id: int) -> Response:
        """Erase my cameo: every appearance of it is gone at once, and what was stored of it is destroyed."""
        erasing.erase(request.user, cameo_id)
        return Response(status=204)


class ReleaseView(APIView):
    @extend_schema(request=ReleaseIn, responses=CameoOut)
    def put(self, request: PersonRequest, cameo_id: int) -> Response:
        """Agree to the terms under which my likeness is stored. Repeated, it replaces a challenge that is over."""
        released = enrolling.record_release(request.user, cameo_id, **ReleaseIn.checked(request.data))
        return Response(CameoOut(showing.shown(request.user, released)).data)


class RecordingView(APIView):
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="upload_cameo_recording", request=RecordingIn, responses={202: CameoOut})
    def post(self, request: PersonRequest, cameo_id: int) -> Response:
        """Upload what my cameo is made of. Before the release is recorded the body is not even read."""
        enrolling.require_release(request.user, cameo_id)
        request.upload_handlers = [UnnamedUpload()]
        words = RecordingIn.checked(request.data)
        stored = enrolling.store_recording(request.user, cameo_id, words["file"])
        return Response(CameoOut(showing.shown(request.user, stored)).data, status=202)


class GrantsView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(parameters=[PageIn], responses=GrantsPageOut)
    def get(self, request: PersonRequest, cameo_id: int) -> Response:
        """Whom I allowed to cast my cameo, newest first."""
        page = consent.grants_page(request.user, cameo_id, **PageIn.checked(request.query_params))
        return Response(GrantsPageOut(page).data)


class GrantView(APIView):
    permission_classes = [AdmittedToMore]
    in_any_standing = ("DELETE",)

    @extend_schema(operation_id="grant_cameo", request=None, responses={204: None})
    def put(self, request: PersonRequest, cameo_id: int, handle: str) -> Response:
        """Let one person cast my cameo. May be repeated."""
        consent.grant(request.user, cameo_id, handle)
        return Response(status=204)

    @extend_schema(operation_id="end_cameo_grant", responses={204: None})
    def delete(self, request: PersonRequest, cameo_id: int, handle: str) -> Response:
        """Take that back. May be repeated."""
        consent.end_grant(request.user, cameo_id, handle)
        return Response(status=204)


class RevokeView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(request=RevokeIn, responses={204: None})
    def post(self, request: PersonRequest, cameo_id: int) -> Response:
        """Take consent back from everybody; `mode` says how far. May be repeated."""
        consent.revoke(request.user, cameo_id, **RevokeIn.checked(request.data))
        return Response(status=204)


class RenewView(APIView):
    @extend_schema(request=None, responses=CameoOut)
    def post(self, request: PersonRequest, cameo_id: int) -> Response:
        """Say yes again, for another year from now."""
        renewed = consent.renew(request.user, cameo_id)
        return Response(CameoOut(showing.shown(request.user, renewed)).data)


class HideMyFaceView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(operation_id="hide_my_face", request=None, responses={204: None})
    def post(self, request: PersonRequest) -> Response:
        """One switch: every cameo of mine is for me alone, and whatever is published with one is gone."""
        consent.hide_my_face(request.user)
        return Response(status=204)


class MemorialsView(APIView):
    @extend_schema(parameters=[PageIn], responses=MemorialsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """My claims for the memorial registry, newest first, with what became of them."""
        page = memorials.claims_of(request.user, **PageIn.checked(request.query_params))
        return Response(MemorialsPageOut(page).data)

    @extend_schema(request=MemorialIn, responses={201: MemorialOut})
    def post(self, request: PersonRequest) -> Response:
        """Ask that the names of somebody who died be closed: prompts that name them are then refused."""
        made = memorials.claim(request.user, **MemorialIn.checked(request.data))
        return Response(MemorialOut(made).data, status=201)


@require_safe
def cameo_media(request: HttpRequest, cameo_id: int, grant: str, name: str) -> HttpResponseBase:
    """A portrait, by a signed link of which visibility is asked again; a recording, for its owner alone."""
    return showing.serve_media(request, cameo_id, grant=grant, name=name)
