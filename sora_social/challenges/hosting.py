"""What the hosts of challenges do: they announce them, change them, end them early, take them off the list.

Who may do it is the desk's question (`moderation.deciding`).
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.errors import Conflict, Invalid, NotFound


def announce_challenge(
    host: User,
    *,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    description: str = "",
    prompt: str = "",
    tag: str = "",
    is_listed: bool = True,
) -> Challenge:
    """Make a challenge. Raises Invalid when it would end before it starts, or is over already."""
    _require_window(starts_at, ends_at)
    if ends_at <= timezone.now():
        raise Invalid.field("ends_at", "It would be over already.", code="bad_time")
    return Challenge.objects.create(
        title=title,
        description=description,
        prompt=prompt,
        tag=tag.casefold(),
        starts_at=starts_at,
        ends_at=ends_at,
        is_listed=is_listed,
        created_by=host,
    )


def change_challenge(challenge_id: int, **changes: Any) -> Challenge:
    """Change what a challenge says, or its window; what has entered stays. Raises NotFound, Invalid."""
    with transaction.atomic():
        challenge = _held(challenge_id)
        if "tag" in changes:
            changes["tag"] = changes["tag"].casefold()
        for name, value in changes.items():
            setattr(challenge, name, value)
        _require_window(challenge.starts_at, challenge.ends_at)
        _save(challenge, [*changes])
    return challenge


def end_challenge(challenge_id: int) -> None:
    """Let it be over now. Raises NotFound, Conflict when it is not open."""
    with transaction.atomic():
        challenge = _held(challenge_id)
        now = timezone.now()
        if challenge.state_at(now) != "open":
            raise Conflict("This challenge is not open.")
        challenge.ends_at = now
        _save(challenge, ["ends_at"])


def list_challenge(challenge_id: int, *, is_listed: bool) -> None:
    """Let people know of a challenge, or no more. Raises NotFound, Conflict when it is so already."""
    with transaction.atomic():
        challenge = _held(challenge_id)
        if challenge.is_listed == is_listed:
            raise Conflict("It is listed already." if is_listed else "It is not listed.")
        challenge.is_listed = is_listed
        _save(challenge, ["is_listed"])


def _held(challenge_id: int) -> Challenge:
    challenge = Challenge.objects.select_for_update().filter(pk=challenge_id).first()
    if challenge is None:
        raise NotFound
    return challenge


def _save(challenge: Challenge, fields: list[str]) -> None:
    challenge.version += 1
    challenge.save(update_fields=[*fields, "version"])


def _require_window(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "It ends after it starts.", code="bad_time")
