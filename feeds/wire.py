"""Shapes of feeds on the wire. Pages themselves are assembled as bytes in `pages`; these say what they are."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from feeds.feedback import WatchReport
from feeds.pages import FEEDS
from feeds.scroll.wire import ENDS, NudgeOut, PauseOut
from sora_social.core.wire import IdText, Input, PageIn
from sora_social.posts.wire import PostOut


class FeedIn(PageIn):
    """`tag`, `challenge`, `template` and `mood` go with the feed of that name, and with no other."""

    feed = serializers.ChoiceField(FEEDS, required=False, default="for_you")
    tag = serializers.CharField(required=False, max_length=100)
    challenge = IdText(required=False)
    template = IdText(required=False)
    mood = serializers.SlugField(required=False, max_length=40, help_text="A code of `moods` in the configuration.")
    personalised = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="`false` gives For You in the order that everybody in the region gets, for this scroll.",
    )

    def validate(self, words: dict[str, Any]) -> dict[str, Any]:
        """What the feed is of, under one name."""
        for name in ("tag", "challenge", "template", "mood"):
            if (words["feed"] == name) != (name in words):
                said = "This feed is of one: name it." if words["feed"] == name else "This feed is of none."
                raise serializers.ValidationError({name: [ErrorDetail(said, code="required")]})
        of = str(words.pop(words["feed"], ""))
        return {**words, "of": of.removeprefix("#").casefold() if words["feed"] == "tag" else of}


class ReasonOut(serializers.Serializer[Any]):
    """`weight` is the part of the item's score that would go with this reason, 0 to 1."""

    code = serializers.CharField()
    text = serializers.CharField()
    weight = serializers.FloatField()


class FeedItemOut(serializers.Serializer[Any]):
    """Which of the others are there is told by `type`: a `post` with its `impression_id` and `why`, a `nudge`, or a
    `pause`."""

    type = serializers.ChoiceField(["post", "nudge", "pause"])
    id = serializers.CharField()
    impression_id = serializers.CharField(required=False)
    why = ReasonOut(many=True, required=False)
    post = PostOut(required=False)
    nudge = NudgeOut(required=False)
    pause = PauseOut(required=False)


class FeedPageOut(serializers.Serializer[Any]):
    """Where somebody's pages end, `next` is null, `ends` says why, and `more` is the cursor to go on with by a tap."""

    items = FeedItemOut(many=True)
    next = serializers.CharField(allow_null=True)
    ends = serializers.ChoiceField(ENDS, required=False)
    more = serializers.CharField(allow_null=True, required=False)


class _Numbers(serializers.DictField):
    """Figures by name."""

    child = serializers.FloatField()


class RateOut(serializers.Serializer[Any]):
    """How often an act follows an impression before anything is known, and how many trials that is worth."""

    rate = serializers.FloatField()
    prior_trials = serializers.FloatField()


class CreationWeightsOut(serializers.Serializer[Any]):
    tie_bonus = serializers.FloatField()
    tie_shares = _Numbers()
    tie_halfway_count = serializers.FloatField()
    descent_mean = serializers.FloatField()
    descent_prior_makings = serializers.FloatField()
    descent_range = serializers.ListField(child=serializers.FloatField())


class VarietyOut(serializers.Serializer[Any]):
    mmr_lambda = serializers.FloatField()
    per_author_and_page = serializers.IntegerField()
    per_root_and_page = serializers.IntegerField()
    author_repeat_factor = serializers.FloatField()
    likeness = _Numbers()


class RankingModelOut(serializers.Serializer[Any]):
    """The trained model that ranks, as it was judged on impressions that it had not seen.

    `calibration_error` is relative to base rates, 0 is perfect; `auc` is told for each step that happened often enough.
    """

    version = serializers.CharField()
    kind = serializers.CharField()
    trained_at = serializers.DateTimeField()
    impressions = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    creation_ndcg = serializers.FloatField(allow_null=True)
    calibration_error = serializers.FloatField(allow_null=True)
    auc = _Numbers()


class RankingCardOut(serializers.Serializer[Any]):
    """Every number that decides the order of For You; `version` names the model, and a hash of all the rest.

    `model` is null while none is live: then probabilities are smoothed rates, and the base rates are assumptions.
    """

    version = serializers.CharField()
    feed = serializers.CharField()
    goal = serializers.CharField()
    weights_version = serializers.CharField()
    weights = _Numbers()
    budget = serializers.DictField(child=_Numbers())
    probabilities = serializers.ChoiceField(["trained", "smoothed rates"])
    base_rates_are = serializers.ChoiceField(["measured", "assumed"])
    base_rates = serializers.DictField(child=RateOut())
    creation = CreationWeightsOut()
    topic_odds = serializers.FloatField(allow_null=True)
    base_author_feedback_24h = serializers.FloatField()
    age = _Numbers()
    steer_range = serializers.ListField(child=serializers.FloatField())
    variety = VarietyOut()
    friends_share_of_page = serializers.FloatField()
    exploration = _Numbers()
    model = RankingModelOut(allow_null=True)


class WhyOut(serializers.Serializer[Any]):
    items = ReasonOut(many=True)


class WatchIn(Input):
    impression_id = serializers.RegexField(r"^[0-9]{1,19}-[0-9]{1,3}$")
    visible_ms = serializers.IntegerField(min_value=0, max_value=86_400_000)
    watched_ms = serializers.IntegerField(min_value=0, max_value=86_400_000)
    loops = serializers.IntegerField(required=False, default=0, min_value=0, max_value=10_000)
    ended = serializers.BooleanField(required=False, default=False)
    opened = serializers.BooleanField(required=False, default=False, help_text="The composer was opened from it.")


class ImpressionsIn(Input):
    items = WatchIn(many=True, allow_empty=False, max_length=100)  # type: ignore[call-arg]

    def validate_items(self, items: list[dict[str, Any]]) -> list[WatchReport]:
        reports = []
        for item in items:
            page, _, position = item.pop("impression_id").partition("-")
            if int(page) >= 2**63:
                raise serializers.ValidationError("Not an impression.", code="invalid")
            reports.append(WatchReport(page_id=int(page), position=int(position), **item))
        return reports


class StoredOut(serializers.Serializer[Any]):
    stored = serializers.IntegerField()
