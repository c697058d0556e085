"""Shapes of cards, pauses, the scroll session and check-ins on the wire."""

from typing import Any

from rest_framework import serializers

from feeds.models import CheckIn, Nudge
from feeds.models.scrolling import CheckInAnswer, NudgeKind, NudgeOutcome
from feeds.scroll.check_ins import Answered, Asked
from feeds.scroll.quiet import SHORTEST_DAY
from feeds.scroll.scrolling import Session
from sora_social.accounts.wire import QuietHoursIn, QuietHoursOut
from sora_social.core.wire import IdText, Input, PlainText

ACTIONS = ("remix", "cast", "challenge", "draft", "prompt")
BUTTONS = ("make", "go_on", "done")
WORDS = ("dismissed", "acknowledged", "left")  # what a client can say
ENDS = ("page_end", "pause")


class NudgeActionOut(serializers.Serializer[Any]):
    """A button. All of a card's are of one size; `outcome` is what to PUT when it is tapped."""

    code = serializers.ChoiceField(BUTTONS)
    text = serializers.CharField()
    outcome = serializers.ChoiceField(WORDS, required=False)


class OfferOut(serializers.Serializer[Any]):
    """One thing to make, with the ids that its action needs: `post_id` to remix, `cameo_id` to cast, `challenge_id` to
    enter, `draft_id` to look at, `prompt` to begin with."""

    action = serializers.ChoiceField(ACTIONS)
    post_id = IdText(required=False)
    cameo_id = IdText(required=False)
    challenge_id = IdText(required=False)
    draft_id = IdText(required=False)
    handle = serializers.CharField(required=False, help_text="Of whom it is.")
    title = serializers.CharField(required=False, help_text="Of the challenge.")
    ends_at = serializers.DateTimeField(required=False)
    prompt = serializers.CharField(required=False, allow_blank=True)


class NudgeOut(serializers.Serializer[Any]):
    """A card. It never opens the composer by itself. `offer` is null where it is a break that is offered."""

    id = IdText()
    kind = serializers.ChoiceField(NudgeKind.choices)
    step = serializers.IntegerField()
    text = serializers.CharField()
    offer = OfferOut(allow_null=True)
    quota_left = serializers.IntegerField()
    dismissible = serializers.BooleanField()
    actions = NudgeActionOut(many=True)


class PauseOut(serializers.Serializer[Any]):
    """Nothing is served until it is acknowledged, where it is `dismissible`, or until `until`."""

    id = IdText()
    kind = serializers.ChoiceField(NudgeKind.choices)
    text = serializers.CharField()
    until = serializers.DateTimeField()
    dismissible = serializers.BooleanField()
    actions = NudgeActionOut(many=True)


class OutcomeIn(Input):
    outcome = serializers.ChoiceField(NudgeOutcome.choices)


class OutcomeOut(serializers.Serializer[Nudge]):
    """What stands: the first word, or a making."""

    id = IdText()
    outcome = serializers.ChoiceField(NudgeOutcome.choices)
    outcome_at = serializers.DateTimeField()


class PauseRefOut(serializers.Serializer[Nudge]):
    id = IdText()
    kind = serializers.ChoiceField(NudgeKind.choices)
    until = serializers.DateTimeField()


class NextStepOut(serializers.Serializer[Any]):
    """The step that comes next: 1 a card, 2 a firmer one, 3 the pause; after so many more items or minutes."""

    step = serializers.IntegerField()
    items_left = serializers.IntegerField()
    minutes_left = serializers.FloatField()


class TodayOut(serializers.Serializer[Any]):
    """What a daily limit counts."""

    items = serializers.IntegerField()
    minutes = serializers.FloatField()
    items_at_most = serializers.IntegerField(allow_null=True)
    minutes_at_most = serializers.IntegerField(allow_null=True)


class ScrollingOut(serializers.Serializer[Session]):
    """My scroll session, on all my devices together, and the limits that hold for me."""

    items = serializers.IntegerField(source="meter.items")
    minutes = serializers.FloatField()
    next_step = NextStepOut()
    pause = PauseRefOut(allow_null=True, source="hold")
    today = TodayOut(allow_null=True, help_text="Null where no daily limit holds.")
    quiet_hours = QuietHoursOut(many=True, help_text="Where I am; all of them hold.")
    own_quiet_hours = QuietHoursOut(allow_null=True)
    own_daily_minutes = serializers.IntegerField(allow_null=True)
    time_zone = serializers.CharField()


class ScrollingPatchIn(Input):
    quiet_hours = QuietHoursIn(required=False, allow_null=True)
    daily_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=SHORTEST_DAY, max_value=1440)


class SteeringTextOut(serializers.Serializer[Any]):
    text = serializers.CharField()


class CheckInOut(serializers.Serializer[CheckIn]):
    id = IdText()
    week = serializers.DateField()
    answer = serializers.ChoiceField(CheckInAnswer.choices)
    note = serializers.CharField(allow_blank=True)
    answered_at = serializers.DateTimeField()


class CheckInIn(Input):
    answer = serializers.ChoiceField(CheckInAnswer.choices)
    note = PlainText(required=False, default="", max_length=500, allow_blank=True)


class CheckInsOut(serializers.Serializer[Asked]):
    """`due` while this week has no answer. `items` are my answers, newest first."""

    question = serializers.CharField()
    due = serializers.BooleanField(source="is_due")
    week = serializers.DateField()
    items = CheckInOut(many=True, source="page.items")
    next = serializers.CharField(allow_null=True, source="page.next")


class AnsweredOut(serializers.Serializer[Answered]):
    """What can be done about it: words ready for `POST /v1/steering`, and something to make."""

    check_in = CheckInOut()
    steering = SteeringTextOut(many=True)
    offer = OfferOut(allow_null=True)
    text = serializers.CharField(allow_null=True)
    quota_left = serializers.IntegerField()
