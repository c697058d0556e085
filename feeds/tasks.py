"""Doors of the queues to the feeds: `quick`, and `render` for what takes longer than milliseconds."""

from celery import shared_task
from django.utils import timezone

from feeds import exposure, forgetting
from feeds.discovery import entries, leaderboards, reach, search_index
from feeds.learning import lifecycle
from feeds.models import Window
from feeds.order import most_made
from feeds.scroll import nudges


@shared_task
def count_exposure() -> None:
    exposure.count()


@shared_task
def take_pulse() -> None:
    exposure.take_pulse()


@shared_task
def count_most_made() -> None:
    most_made.count()


@shared_task
def follow_descents() -> None:
    exposure.follow_descents()


@shared_task
def forget_impressions() -> None:
    forgetting.forget_impressions()


@shared_task
def train_ranker() -> None:
    lifecycle.train_daily()


@shared_task
def weigh_names() -> None:
    search_index.weigh()


@shared_task
def settle_nudges() -> None:
    nudges.settle_silent(timezone.now())


@shared_task
def count_offers() -> None:
    nudges.count_offers(timezone.now())


@shared_task
def count_entries() -> None:
    entries.count_stale()


@shared_task
def count_open_challenges() -> None:
    entries.count_open()


@shared_task
def rank_lately() -> None:
    leaderboards.count(Window.DAY, Window.WEEK)


@shared_task
def rank_ever() -> None:
    leaderboards.count(Window.ALL)


@shared_task
def forget_reach() -> None:
    reach.forget_old_days()
