"""Doors to what interrupts a scroll: outcomes, the session and its limits, check-ins."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.scroll import check_ins, quiet, scrolling
from feeds.scroll.wire import (
    AnsweredOut,
    CheckInIn,
    CheckInsOut,
    OutcomeIn,
    OutcomeOut,
    ScrollingOut,
    ScrollingPatchIn,
)
from sora_social.accounts.admission import PersonRequest
from sora_social.core.languages import language_of
from sora_social.core.wire import PageIn


class OutcomeView(APIView):
    @extend_schema(operation_id="report_nudge_outcome", request=OutcomeIn, responses=OutcomeOut)
    def put(self, request: PersonRequest, nudge_id: int) -> Response:
        """What became of a card or a pause: dismissed, acknowledged, left. A making is found out by the server."""
        return Response(OutcomeOut(scrolling.answer(request.user, nudge_id, **OutcomeIn.checked(request.data))).data)


class ScrollingView(APIView):
    @extend_schema(operation_id="get_my_scrolling", responses=ScrollingOut)
    def get(self, request: PersonRequest) -> Response:
        """My scroll session: what it counts, which step comes next, and the limits that hold for me."""
        return Response(ScrollingOut(scrolling.session_of(request.user)).data)

    @extend_schema(request=ScrollingPatchIn, responses=ScrollingOut)
    def patch(self, request: PersonRequest) -> Response:
        """Set quiet hours or a daily limit of my own; a teen's may only be stricter than all teens'."""
        words = ScrollingPatchIn.checked(request.data)
        return Response(
            ScrollingOut(scrolling.session_of(quiet.set_limits(request.user, timezone.now(), **words))).data
        )


class CheckInsView(APIView):
    @extend_schema(parameters=[PageIn], responses=CheckInsOut)
    def get(self, request: PersonRequest) -> Response:
        """The question of the week, whether it waits for me, and what I answered before."""
        asked = check_ins.asked(
            request.user,
            language=language_of(request.headers.get("Accept-Language", "")),
            **PageIn.checked(request.query_params),
        )
        return Response(CheckInsOut(asked).data)

    @extend_schema(request=CheckInIn, responses={201: AnsweredOut})
    def post(self, request: PersonRequest) -> Response:
        """Say how the feed leaves me. Once a week it counts; a second answer replaces the first."""
        answered = check_ins.answer(
            request.user,
            language=language_of(request.headers.get("Accept-Language", "")),
            **CheckInIn.checked(request.data),
        )
        return Response(AnsweredOut(answered).data, status=201)
