"""Shapes of reports on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.core.wire import IdText, Input
from sora_social.moderation.models import Report, ReportReason


class ReportIn(Input):
    """What is wrong, with exactly one of `post_id`, `comment_id`, `message_id` and `handle`."""

    post_id = IdText(required=False)
    comment_id = IdText(required=False)
    message_id = IdText(required=False)
    handle = serializers.CharField(required=False, max_length=30)
    reason = serializers.ChoiceField(ReportReason.choices)
    text = serializers.CharField(required=False, default="", max_length=2000, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len({"post_id", "comment_id", "message_id", "handle"} & attrs.keys()) != 1:
            raise serializers.ValidationError(
                "Give exactly one of post_id, comment_id, message_id and handle.", code="one_subject"
            )
        return attrs


class ReportOut(serializers.Serializer[Report]):
    id = IdText()
