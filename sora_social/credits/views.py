"""Doors to the credits room."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.credits import quota
from sora_social.credits.wire import LimitsOut


class LimitsView(APIView):
    @extend_schema(operation_id="get_my_limits", responses=LimitsOut)
    def get(self, request: PersonRequest) -> Response:
        """My quota: what is left of the plan, what is extra, and when the next clip comes back."""
        return Response(LimitsOut(quota.limits_of(request.user)).data)
