"""Doors to the moderation room for the people of the service. Moderators come in through `admin`."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.moderation import reporting
from sora_social.moderation.wire import ReportIn, ReportOut


class ReportsView(APIView):
    @extend_schema(request=ReportIn, responses={201: ReportOut})
    def post(self, request: PersonRequest) -> Response:
        """Report a post, a comment, a message or a person to the moderators. Nobody else learns who did."""
        made = reporting.report(request.user, **ReportIn.checked(request.data))
        return Response(ReportOut(made).data, status=201)
