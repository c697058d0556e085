"""Shapes of quota and credits on the wire."""

from rest_framework import serializers

from sora_social.credits.quota import Limits


class LimitsOut(serializers.Serializer[Limits]):
    """How many clips I may still make."""

    clips_per_day = serializers.IntegerField()
    clips_used = serializers.IntegerField()
    clips_left = serializers.IntegerField()
    clips_extra = serializers.IntegerField()
    clips_running = serializers.IntegerField()
    clips_at_once = serializers.IntegerField()
    resets_at = serializers.DateTimeField(allow_null=True)
