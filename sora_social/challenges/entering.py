"""When a post is an entry: asked of the job when it is submitted, and of the post when it is published."""

from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from sora_social.challenges.models import Challenge
from sora_social.core.errors import Invalid, NotFound


class ChallengeClosed(Invalid):
    """The challenge is over, or has not begun."""

    code = "challenge_closed"
    title = "This challenge takes no entries now"


def require_open(challenge_id: int) -> Challenge:
    """A challenge that takes entries now. Raises NotFound, ChallengeClosed."""
    challenge = Challenge.objects.listed().filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFound("This challenge is not there.")
    state = challenge.state_at(timezone.now())
    if state != "open":
        message = "It has not begun yet." if state == "coming" else "It is over."
        raise ChallengeClosed(message, errors={"challenge_id": [{"code": ChallengeClosed.code, "message": message}]})
    return challenge


def is_open(challenge_id: int | None) -> bool:
    """Whether there is such a challenge, and it takes entries now."""
    return challenge_id is not None and Challenge.objects.open_at(timezone.now()).filter(pk=challenge_id).exists()


def entered(challenge_id: int | None, *, shown_at: datetime) -> int | None:
    """The challenge that a post enters, whose job was submitted for it in time; None when the post is too late.

    In time is what others see before the end, or within an hour (`CHALLENGE_GRACE_SECONDS`) after it: a clip takes a
    while to make. In the caller's transaction, which holds the challenge: who ends or delists it waits, or is seen.
    """
    if challenge_id is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM challenges_challenge WHERE id = %s FOR SHARE", [challenge_id])
    latest = shown_at - settings.CHALLENGE_GRACE
    return challenge_id if Challenge.objects.listed().filter(pk=challenge_id, ends_at__gte=latest).exists() else None
