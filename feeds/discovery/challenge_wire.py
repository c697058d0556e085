"""Shapes of challenges on the wire."""

from typing import Any

from rest_framework import serializers

from feeds.discovery.entries import STATES, ChallengeShown
from sora_social.core.wire import IdText, PageIn


class ChallengesIn(PageIn):
    state = serializers.ChoiceField([*STATES], required=False, default="")


class EntriesIn(PageIn):
    sort = serializers.ChoiceField(["new", "top"], required=False, default="new")


class TurnoutOut(serializers.Serializer[ChallengeShown]):
    """Public entries, and the people who made them; counted within seconds."""

    entries = serializers.IntegerField(source="entry_count")
    people = serializers.IntegerField(source="person_count")


class ChallengeViewerOut(serializers.Serializer[ChallengeShown]):
    """My own entries, public or not: how many, and the ids of the newest ten."""

    entries = serializers.IntegerField(source="my_entry_count")
    entry_ids = serializers.ListField(child=IdText(), source="mine")


class ChallengeOut(serializers.Serializer[ChallengeShown]):
    """A theme with a time window. `prompt` is a suggestion to begin with, `tag` a #tag to go with it."""

    id = IdText(source="challenge.pk")
    title = serializers.CharField(source="challenge.title")
    description = serializers.CharField(source="challenge.description", allow_blank=True)
    prompt = serializers.CharField(source="challenge.prompt", allow_blank=True)
    tag = serializers.CharField(source="challenge.tag", allow_blank=True)
    state = serializers.ChoiceField([*STATES])
    starts_at = serializers.DateTimeField(source="challenge.starts_at")
    ends_at = serializers.DateTimeField(source="challenge.ends_at")
    counts = TurnoutOut(source="*")
    viewer = ChallengeViewerOut(source="*")


class ChallengesPageOut(serializers.Serializer[Any]):
    items = ChallengeOut(many=True)
    next = serializers.CharField(allow_null=True)
