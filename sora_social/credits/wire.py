"""Shapes of quota and credits on the wire."""

from typing import Any

from rest_framework import serializers

from sora_social.core.wire import IdText
from sora_social.credits.ledger import Balance
from sora_social.credits.models import Entry, Reason
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


class CreditsOut(serializers.Serializer[Balance]):
    """A credit is one clip beyond the plan, or part of the price of somebody's cameo."""

    credits = serializers.IntegerField(help_text="What I can spend now.")
    earned_from_licences = serializers.IntegerField(help_text="What my cameos earned in all, spent or not.")


class CreditEntryOut(serializers.Serializer[Entry]):
    """Something that moved my credits."""

    id = IdText()
    credits = serializers.IntegerField(help_text="Positive: they came to me. Negative: they left me.")
    reason = serializers.ChoiceField(Reason.choices, source="kind")
    created_at = serializers.DateTimeField()


class CreditEntryPageOut(serializers.Serializer[Any]):
    items = CreditEntryOut(many=True)
    next = serializers.CharField(allow_null=True)
