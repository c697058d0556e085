"""Doors to what viewers say of their own feeds."""

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from feeds.steering import instructions, interests, preferences, resetting
from feeds.steering.wire import (
    FeedResetOut,
    InterestsIn,
    InterestsOut,
    SaidOut,
    SignalsIn,
    SignalsOut,
    SteeringIn,
    SteeringPatchIn,
    SteeringRuleOut,
    SteeringRulesOut,
    interests_out,
    rule_out,
    said_out,
    signals_out,
)
from sora_social.accounts.admission import PersonRequest
from sora_social.accounts.models import User


class SteeringView(APIView):
    @extend_schema(responses=SteeringRulesOut)
    def get(self, request: PersonRequest) -> Response:
        """My rules in force, the newest first, in words, with what each does now."""
        return Response({"items": [rule_out(shown) for shown in instructions.rules_of(request.user)], "next": None})

    @extend_schema(operation_id="steer", request=SteeringIn, responses={201: SaidOut})
    def post(self, request: PersonRequest) -> Response:
        """Tell the ranker in plain words, English or Chinese. The rules act on the next page; the rest is said back."""
        said = instructions.say(request.user, **SteeringIn.checked(request.data))
        return Response(said_out(said), status=201)


class SteeringRuleView(APIView):
    @extend_schema(request=SteeringPatchIn, responses=SteeringRuleOut)
    def patch(self, request: PersonRequest, rule_id: int) -> Response:
        """Change the way, the strength or the end of one of my rules."""
        return Response(rule_out(instructions.change(request.user, rule_id, **SteeringPatchIn.checked(request.data))))

    @extend_schema(responses={204: None})
    def delete(self, request: PersonRequest, rule_id: int) -> Response:
        """Take one of my rules back."""
        instructions.take_back(request.user, rule_id)
        return Response(status=204)


def _signals(viewer: User) -> Response:
    allowed = preferences.of(viewer)
    return Response(signals_out(allowed, may_be_personalised=preferences.may_be_personalised(viewer)))


class SignalsView(APIView):
    @extend_schema(operation_id="get_signals", responses=SignalsOut)
    def get(self, request: PersonRequest) -> Response:
        """What my feed may use of what I do, each with a switch."""
        return _signals(request.user)

    @extend_schema(operation_id="switch_signals", request=SignalsIn, responses=SignalsOut)
    def patch(self, request: PersonRequest) -> Response:
        """Switch signals, or personalisation as a whole, on and off. Acts on the next page."""
        preferences.change(request.user, **SignalsIn.checked(request.data))
        return _signals(request.user)


class FeedResetView(APIView):
    @extend_schema(operation_id="reset_feed", request=None, responses=FeedResetOut)
    def post(self, request: PersonRequest) -> Response:
        """Begin anew: what was learned of me is used no more. May be repeated."""
        return Response(asdict(resetting.reset(request.user)))


class InterestsView(APIView):
    @extend_schema(operation_id="get_interests", responses=InterestsOut)
    def get(self, request: PersonRequest) -> Response:
        """The topics that I named as mine, and all there are to choose from."""
        return Response(interests_out(interests.of(request.user)))

    @extend_schema(operation_id="name_interests", request=InterestsIn, responses=InterestsOut)
    def put(self, request: PersonRequest) -> Response:
        """Name my topics by code, or bring them from elsewhere in plain words; in the place of those of that source."""
        words = InterestsIn.checked(request.data)
        return Response(interests_out(interests.name(request.user, **words)))

    @extend_schema(operation_id="forget_interests", responses={204: None})
    def delete(self, request: PersonRequest) -> Response:
        """Forget all that I named and brought."""
        interests.forget(request.user)
        return Response(status=204)
