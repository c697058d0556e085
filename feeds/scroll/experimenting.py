"""Experiments with the cards: who is in which arm, and how one is begun and ended."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count

from feeds.models import Experiment
from ranking import experiments
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, Invalid, NotFound

LONGEST = timedelta(days=180)


def running(now: datetime) -> Experiment | None:
    """The experiment that runs at this moment: there is one at most."""
    return Experiment.objects.filter(starts_at__lte=now, ends_at__gt=now).first()


def arm_for(person: User, now: datetime) -> tuple[Experiment | None, str]:
    """The running experiment and this person's arm; without one, as for every teen, it is the create offer."""
    experiment = None if person.is_teen(now.date()) else running(now)
    if experiment is None:
        return None, experiments.DEFAULT_ARM
    return experiment, experiments.arm_of(person.pk, experiment.salt, experiment.arms)


@dataclass(frozen=True)
class ArmCount:
    """How far an arm is: its share of the people, and how many of them met how many cards."""

    arm: str
    share: float
    people: int
    cards: int


def arms_of(experiment: Experiment) -> list[ArmCount]:
    """The arms that have a share of the people, with how far each is."""
    rows = experiment.nudges.values_list("arm").annotate(people=Count("viewer", distinct=True), cards=Count("pk"))
    counts = {arm: (people, cards) for arm, people, cards in rows.order_by()}
    whole = sum(experiment.arms.values())
    return [ArmCount(arm, share / whole, *counts.get(arm, (0, 0))) for arm, share in experiment.arms.items() if share]


def start(
    *, name: str, shares: Mapping[str, float], days: int, minimum_people: int, minimum_effect: float, now: datetime
) -> Experiment:
    """Begin an experiment, now. In the caller's transaction.

    Raises Invalid for arms that are not at least two of those there are, and Conflict while another one runs or when
    the name was used.
    """
    if not set(shares) <= set(experiments.ARMS) or any(share < 0 for share in shares.values()):
        raise Invalid.field("arms", f"Shares of {', '.join(experiments.ARMS)}.")
    if sum(share > 0 for share in shares.values()) < 2:
        raise Invalid.field("arms", "Two arms at least need people.")
    if not timedelta(days=1) <= timedelta(days=days) <= LONGEST:
        raise Invalid.field("days", f"1 to {LONGEST.days} days.")
    if not 0 < minimum_effect <= 10:
        raise Invalid.field("minimum_effect", "A relative change greater than 0: 0.2 is a fifth more.")
    try:
        with transaction.atomic():
            return Experiment.objects.create(
                name=name,
                salt=secrets.token_hex(16),
                arms=dict(shares),
                minimum_people=minimum_people,
                minimum_effect=minimum_effect,
                starts_at=now,
                ends_at=now + timedelta(days=days),
            )
    except IntegrityError as error:
        raise Conflict("One experiment at a time, and each name once.", code="experiment_running") from error


def stop(experiment_id: int, now: datetime) -> None:
    """End a running experiment. In the caller's transaction. Raises NotFound, Conflict when it is over."""
    experiment = Experiment.objects.select_for_update().filter(pk=experiment_id).first()
    if experiment is None:
        raise NotFound
    if not experiment.is_running(now):
        raise Conflict("This experiment is over.")
    experiment.ends_at = now
    experiment.save(update_fields=["ends_at"])
