"""The door to an author's reach."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.discovery import reach
from feeds.discovery.reach_wire import ReachOut
from sora_social.accounts.admission import PersonRequest


class ReachView(APIView):
    @extend_schema(tags=["feeds"], responses=ReachOut)
    def get(self, request: PersonRequest, post_id: int) -> Response:
        """How far my post came: who was shown it, watched, opened the composer, published. For its author alone."""
        return Response(ReachOut(reach.reach_of(request.user, post_id)).data)
