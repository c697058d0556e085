"""Shapes of reports on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.core.wire import IdText, Input
from sora_social.moderation.models import Report, ReportReason


class ReportIn(Input):
    """What is wrong, with exactly one of `post_id`, `comment_id`, `message_id`, `conversation_id` and `handle`."""

    post_id = IdText(required=False)
    comment_id = IdText(required=False)
    message_id = IdText(required=False)
    conversation_id = IdText(required=False, help_text="Stands for the newest message in it that others sent me.")
    handle = serializers.CharField(required=False, max_length=30)
    reason = serializers.ChoiceField(ReportReason.choices)
    text = serializers.CharField(required=False, default="", max_length=2000, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        subjects = ("post_id", "comment_id", "message_id", "conversation_id", "handle")
        if len(set(subjects) & attrs.keys()) != 1:
            raise serializers.ValidationError(f"Give exactly one of {', '.join(subjects)}.", code="one_subject")
        return attrs


class ReportOut(serializers.Serializer[Report]):
    id = IdText()
