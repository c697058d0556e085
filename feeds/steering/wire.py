"""Shapes of steering, signals, interests and reset on the wire."""

from typing import Any

from rest_framework import serializers

from feeds.steering import interests
from feeds.steering.instructions import Lost, Said, Shown
from feeds.steering.interests import Interests
from feeds.steering.preferences import SIGNALS_SAID, Preferences
from ranking.steering.rules import KINDS, POLARITIES
from ranking.topics.vocabulary import Topic
from sora_social.core.wire import Input, PlainText

TEXT_CHARS = 500


class WordsOut(serializers.Serializer[Any]):
    """The same in English and Chinese."""

    en = serializers.CharField()
    zh = serializers.CharField()


class SteeringTargetOut(serializers.Serializer[Any]):
    """`name` is the code of a topic or mood, a tag without #, a handle without @, or a style."""

    kind = serializers.ChoiceField(KINDS)
    name = serializers.CharField()


class SteeringRuleOut(serializers.Serializer[Any]):
    """`strength` is what a post that certainly is about the target is multiplied by while the rule is fresh, `weight`
    what it is multiplied by now: 0 for no. A rule that `fades` is back at 1 when it expires; without `expires_at` it
    stays."""

    id = serializers.CharField()
    polarity = serializers.ChoiceField(POLARITIES)
    target = SteeringTargetOut()
    strength = serializers.FloatField()
    weight = serializers.FloatField()
    fades = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    said = serializers.CharField()
    said_at = serializers.DateTimeField()
    words = WordsOut()


class SteeringRulesOut(serializers.Serializer[Any]):
    items = SteeringRuleOut(many=True)
    next = serializers.CharField(allow_null=True)


class UnparsedOut(serializers.Serializer[Any]):
    """What was not understood: its words, their place in the text (end excluded), why, and what to do."""

    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    code = serializers.ChoiceField(["unknown_words", "no_target", "neutral", "unknown_person"])
    hint = WordsOut()


class SaidOut(serializers.Serializer[Any]):
    rules = SteeringRuleOut(many=True)
    unparsed = UnparsedOut(many=True)


class SteeringIn(Input):
    text = PlainText(max_length=TEXT_CHARS, help_text='"more cooking, less horror this week", or 多来点猫')


class SteeringPatchIn(Input):
    polarity = serializers.ChoiceField(POLARITIES, required=False)
    strength = serializers.FloatField(required=False, min_value=0, max_value=3)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="null: until it is taken back")


class SignalOut(serializers.Serializer[Any]):
    """One switch, with what it lets the feed use."""

    on = serializers.BooleanField()
    uses = WordsOut()


class SignalsOut(serializers.Serializer[Any]):
    """`personalised` is whether the feed is one's own at all; `may_be_personalised` is false for minors."""

    personalised = serializers.BooleanField()
    may_be_personalised = serializers.BooleanField()
    follows = SignalOut()
    likes = SignalOut()
    creations = SignalOut()
    comments = SignalOut()
    watching = SignalOut()
    topics = SignalOut()
    cast = SignalOut()
    location = SignalOut()
    interests = SignalOut()


class SignalsIn(Input):
    personalised = serializers.BooleanField(required=False)
    follows = serializers.BooleanField(required=False)
    likes = serializers.BooleanField(required=False)
    creations = serializers.BooleanField(required=False)
    comments = serializers.BooleanField(required=False)
    watching = serializers.BooleanField(required=False)
    topics = serializers.BooleanField(required=False)
    cast = serializers.BooleanField(required=False)
    location = serializers.BooleanField(required=False)
    interests = serializers.BooleanField(required=False)


class FeedResetOut(serializers.Serializer[Any]):
    """From when on things count again, and how many rules, interests and words of no interest were cleared."""

    reset_at = serializers.DateTimeField()
    rules = serializers.IntegerField()
    interests = serializers.IntegerField()
    not_interested = serializers.IntegerField()


class TopicOut(serializers.Serializer[Any]):
    """`is_sensitive`: never taken from imported words."""

    code = serializers.CharField()
    name = WordsOut()
    is_sensitive = serializers.BooleanField()


class InterestOut(serializers.Serializer[Any]):
    topic = TopicOut()
    source = serializers.ChoiceField(interests.SOURCES)  # type: ignore[assignment]


class InterestsOut(serializers.Serializer[Any]):
    """What I named, and the topics there are. Of an import, `unknown` are the words that no topic was found for, and
    `left_out` those of a sensitive topic."""

    items = InterestOut(many=True)
    choices = TopicOut(many=True)
    unknown = serializers.ListField(child=serializers.CharField())
    left_out = serializers.ListField(child=serializers.CharField())


class InterestsIn(Input):
    source = serializers.ChoiceField(interests.SOURCES, required=False, default="onboarding")  # type: ignore[assignment]
    topics = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=interests.TOPICS_AT_MOST
    )
    words = serializers.ListField(
        child=PlainText(max_length=60),
        required=False,
        max_length=interests.WORDS_AT_MOST,
        help_text="Plain words, for an import.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted, other = ("words", "topics") if attrs["source"] == "import" else ("topics", "words")
        if wanted not in attrs:
            raise serializers.ValidationError({wanted: ["This field is required."]}, code="required")
        if other in attrs:
            raise serializers.ValidationError({other: [f"Not with source {attrs['source']}."]}, code="invalid")
        return attrs


def rule_out(shown: Shown) -> dict[str, Any]:
    return {
        "id": str(shown.row.pk),
        "polarity": shown.rule.polarity,
        "target": {"kind": shown.rule.target.kind, "name": shown.rule.target.name},
        "strength": shown.rule.strength,
        "weight": shown.weight,
        "fades": shown.rule.fades,
        "expires_at": shown.rule.expires_at,
        "said": shown.rule.said,
        "said_at": shown.rule.since,
        "words": {"en": shown.text_en, "zh": shown.text_zh},
    }


def said_out(said: Said) -> dict[str, Any]:
    return {"rules": [rule_out(shown) for shown in said.rules], "unparsed": [_lost_out(lost) for lost in said.unparsed]}


def _lost_out(lost: Lost) -> dict[str, Any]:
    return {
        "text": lost.text,
        "start": lost.start,
        "end": lost.end,
        "code": lost.code,
        "hint": {"en": lost.hint_en, "zh": lost.hint_zh},
    }


def signals_out(allowed: Preferences, *, may_be_personalised: bool) -> dict[str, Any]:
    switches = {
        name: {"on": name in allowed.signals, "uses": {"en": en, "zh": zh}} for name, (en, zh) in SIGNALS_SAID.items()
    }
    return {"personalised": allowed.personalised, "may_be_personalised": may_be_personalised, **switches}


def interests_out(found: Interests) -> dict[str, Any]:
    return {
        "items": [{"topic": _topic_out(named.topic), "source": named.source} for named in found.named],
        "choices": [_topic_out(topic) for topic in found.choices],
        "unknown": list(found.unknown),
        "left_out": list(found.left_out),
    }


def _topic_out(topic: Topic) -> dict[str, Any]:
    return {
        "code": topic.code,
        "name": {"en": topic.name_en, "zh": topic.name_zh},
        "is_sensitive": topic.sensitive,
    }
