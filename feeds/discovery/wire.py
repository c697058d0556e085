"""Shapes of challenges, leaderboards, reach and search on the wire. Pages themselves are assembled as bytes."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from cameos.wire import CameoOut
from feeds.discovery.entries import STATES, ChallengeShown
from feeds.discovery.leaderboards import BOARDS
from feeds.discovery.reach import Reach, ReachOfDay
from feeds.discovery.search import TYPES
from feeds.models import Window
from sora_social.accounts.wire import PersonOut
from sora_social.core.wire import IdText, PageIn, PlainText
from sora_social.posts.wire import PostOut
from sora_social.studio.templates.wire import TemplateOut


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


BOARD = OpenApiParameter("board", {"type": "string", "enum": [*BOARDS]}, OpenApiParameter.PATH)


class LeaderboardIn(PageIn):
    window = serializers.ChoiceField(Window.choices, required=False, default=Window.WEEK)


class PlaceOut(serializers.Serializer[Any]):
    """`makers` is how many other people made something of the post, or with the cameo: each counts once. `rising`: who
    did so for the first time within a day. There is a `post`, or for `cast` a `cameo`."""

    rank = serializers.IntegerField()
    makers = serializers.IntegerField()
    post = PostOut(required=False)
    cameo = CameoOut(required=False)


class LeaderboardPageOut(serializers.Serializer[Any]):
    items = PlaceOut(many=True)
    next = serializers.CharField(allow_null=True)


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


class SearchIn(PageIn):
    q = PlainText(max_length=200, help_text="Words, #tags, @handles; in any script.")
    type = serializers.ChoiceField(TYPES, required=False, default="posts")


class TagOut(serializers.Serializer[Any]):
    """A #tag, and how many public posts have it."""

    tag = serializers.CharField()
    posts = serializers.IntegerField()


class SearchHitOut(serializers.Serializer[Any]):
    """Of `post`, `person`, `cameo`, `tag` and `template` there is the one that `type` names."""

    type = serializers.ChoiceField(["post", "person", "cameo", "tag", "template"])
    post = PostOut(required=False)
    person = PersonOut(required=False)
    cameo = CameoOut(required=False)
    tag = TagOut(required=False)
    template = TemplateOut(required=False)


class SearchPageOut(serializers.Serializer[Any]):
    items = SearchHitOut(many=True)
    next = serializers.CharField(allow_null=True)
