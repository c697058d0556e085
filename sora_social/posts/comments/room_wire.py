"""Shapes of a room and its rules on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.accounts.wire import PersonRefOut
from sora_social.core.wire import IdText, Input, PlainText
from sora_social.posts.comments.rules import RoomView
from sora_social.posts.models import Restraint, Speakers

SLOWEST_S = 3600
SHORTEST_TIMEOUT_S = 10
LONGEST_TIMEOUT_S = 86_400
WORDS_AT_MOST = 100
LONGEST_WORD = 50
LONGEST_REASON = 2000


class RoomViewerOut(serializers.Serializer[RoomView]):
    """Whether I may speak now; else `code` is what a comment would be refused with, and `retry_after` the seconds."""

    may_speak = serializers.SerializerMethodField()
    code = serializers.SerializerMethodField()
    retry_after = serializers.SerializerMethodField()
    silent_until = serializers.DateTimeField(allow_null=True)

    def get_may_speak(self, view: RoomView) -> bool:
        return view.refusal is None

    def get_code(self, view: RoomView) -> str | None:
        return view.refusal.code if view.refusal else None

    def get_retry_after(self, view: RoomView) -> int | None:
        return round(view.refusal.retry_after) if view.refusal and view.refusal.retry_after else None


class RoomOut(serializers.Serializer[RoomView]):
    """The rules of a room. `blocked_words` is null for everybody who may not set them."""

    post_id = IdText(source="room.pk")
    slow_mode_s = serializers.IntegerField(source="room.slow_mode_s")
    who = serializers.ChoiceField(Speakers.choices, source="room.who")
    hold = serializers.BooleanField(source="room.hold")
    blocked_words = serializers.ListField(child=serializers.CharField(), allow_null=True)
    viewer = RoomViewerOut(source="*")


class ReasonIn(Input):
    reason = PlainText(
        required=False,
        default="",
        allow_blank=True,
        max_length=LONGEST_REASON,
        help_text="Why; moderators must say it.",
    )


class RoomPatchIn(ReasonIn):
    slow_mode_s = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=SLOWEST_S,
        help_text="Seconds between two comments of one person.",
    )
    who = serializers.ChoiceField(Speakers.choices, required=False)
    blocked_words = serializers.ListField(
        child=PlainText(max_length=LONGEST_WORD), required=False, max_length=WORDS_AT_MOST
    )
    hold = serializers.BooleanField(required=False, help_text="Whether every comment waits for review.")


class TimeoutIn(ReasonIn):
    seconds = serializers.IntegerField(min_value=SHORTEST_TIMEOUT_S, max_value=LONGEST_TIMEOUT_S)


class RestraintOut(serializers.Serializer[Restraint]):
    """What lies on somebody in a room."""

    person = PersonRefOut()
    silent_until = serializers.DateTimeField(allow_null=True)
    hidden = serializers.BooleanField(source="is_hidden")


class RestraintsPageOut(serializers.Serializer[Any]):
    items = RestraintOut(many=True)
    next = serializers.CharField(allow_null=True)
