"""Shapes of reach on the wire."""

from rest_framework import serializers

from feeds.discovery.reach import Reach, ReachOfDay
from sora_social.core.wire import IdText


class FirstExposureOut(serializers.Serializer[Reach]):
    """The first viewers that every new post is owed: how many it had, of how many."""

    shown = serializers.IntegerField(source="first_exposure")
    of = serializers.IntegerField(source="first_exposure_of")


class ReachDayOut(serializers.Serializer[ReachOfDay]):
    """A day in UTC."""

    day = serializers.DateField()
    impressions = serializers.IntegerField()
    views = serializers.IntegerField()
    opens = serializers.IntegerField()
    publishes = serializers.IntegerField()
    follows = serializers.IntegerField()


class ReachOut(serializers.Serializer[Reach]):
    """How far my post came, in feeds; counted within seconds, and naming nobody.

    `impressions` are people to whom it was served, somebody who comes back later again; `views` are people who watched
    a second of it. Who opened the composer from it (`opens`), sent a job, published something of it: people whom a feed
    had shown it, each once. `follows_gained` are follows of me within a day of being shown it, as the last of mine.
    """

    post_id = IdText()
    impressions = serializers.IntegerField()
    views = serializers.IntegerField()
    opens = serializers.IntegerField()
    submits = serializers.IntegerField()
    publishes = serializers.IntegerField()
    follows_gained = serializers.IntegerField()
    first_exposure = FirstExposureOut(source="*")
    by_day = ReachDayOut(many=True, help_text="The last 30 days, or since it was published; the newest last.")
