"""Doors for the owner of a face: where it appears, and who asks.

Nobody is kept from looking and saying no: suspended, on the waitlist, or where the service is not open.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from cameos import requesting
from sora_social.accounts.admission import InAnyStanding, PersonRequest
from sora_social.core.wire import PageIn
from sora_social.studio import appearing
from sora_social.studio.cameo_wire import AppearancesPageOut, CastRequestsPageOut


class AppearancesView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(parameters=[PageIn], responses=AppearancesPageOut)
    def get(self, request: PersonRequest, cameo_id: int) -> Response:
        """Every appearance of my cameo, by anybody: jobs, refusals, private drafts and posts, newest first."""
        page = appearing.appearances_of(request.user, cameo_id, **PageIn.checked(request.query_params))
        return Response(AppearancesPageOut(page).data)


class AppearanceView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, cameo_id: int, appearance_id: int) -> Response:
        """Take one appearance away, and with a post every derivation that still casts me. May be repeated."""
        appearing.remove(request.user, cameo_id, appearance_id)
        return Response(status=204)


class CastRequestsView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(parameters=[PageIn], responses=CastRequestsPageOut)
    def get(self, request: PersonRequest) -> Response:
        """Drafts that wait for my yes, and those that I answered, newest first."""
        page = appearing.requests_of(request.user, **PageIn.checked(request.query_params))
        return Response(CastRequestsPageOut(page).data)


class ApproveView(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, request_id: int) -> Response:
        """Agree to a draft. May be repeated."""
        requesting.approve(request.user, request_id)
        return Response(status=204)


class DeclineView(APIView):
    permission_classes = [InAnyStanding]

    @extend_schema(request=None, responses={204: None})
    def post(self, request: PersonRequest, request_id: int) -> Response:
        """Say no to a draft: it is withdrawn, and its maker is not told by whom. May be repeated."""
        requesting.decline(request.user, request_id)
        return Response(status=204)


@require_safe
def appearance_media(request: HttpRequest, appearance_id: int, grant: str, name: str) -> HttpResponseBase:
    """A file of what somebody made with my face, by a signed link."""
    return appearing.serve_media(request, appearance_id, grant=grant, name=name)
