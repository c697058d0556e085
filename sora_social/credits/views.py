"""Doors to the credits room."""

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from sora_social.accounts.admission import PersonRequest
from sora_social.core.wire import PageIn
from sora_social.credits import ledger, quota
from sora_social.credits.wire import CreditEntryPageOut, CreditsOut, LimitsOut


class LimitsView(APIView):
    @extend_schema(operation_id="get_my_limits", responses=LimitsOut)
    def get(self, request: PersonRequest) -> Response:
        """My quota: what is left of the plan, what is extra, and when the next clip comes back."""
        return Response(LimitsOut(quota.limits_of(request.user)).data)


class CreditsView(APIView):
    @extend_schema(operation_id="get_my_credits", responses=CreditsOut)
    def get(self, request: PersonRequest) -> Response:
        """My credits: what I can spend, and what the licences of my cameos earned in all."""
        return Response(CreditsOut(ledger.balance_of(request.user)).data)


class EntriesView(APIView):
    @extend_schema(operation_id="list_my_credit_entries", parameters=[PageIn], responses=CreditEntryPageOut)
    def get(self, request: PersonRequest) -> Response:
        """What moved my credits, newest first."""
        page = ledger.entries_of(request.user, **PageIn.checked(request.query_params))
        return Response(CreditEntryPageOut(page).data)
