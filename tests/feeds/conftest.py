"""A stage for scrolls: the product's own limits, a feed that does not end, and a clock."""

import pytest
import time_machine
from django.utils import timezone

from sora_social.posts.models import Post
from tests import cast
from tests.feeds.scrolling_stage import Clock
from tests.feeds.trained import another, keep_model, known_log, recipe  # noqa: F401 - fixtures

NIGHT = "22:00-06:00"


@pytest.fixture
def limits(settings):
    """What the product says: the tests of other rooms scroll without end."""
    settings.SCROLL_ITEMS = (20, 30, 40)
    settings.SCROLL_MINUTES = (8.0, 12.0, 20.0)
    settings.TEEN_SCROLL_ITEMS = (15, 20, 30)
    settings.TEEN_SCROLL_MINUTES = (5.0, 8.0, 15.0)
    settings.TEEN_PAGE_ITEMS = 15
    settings.TEEN_DAILY_ITEMS = 200
    settings.TEEN_DAILY_MINUTES = 90
    settings.TEEN_QUIET_HOURS = NIGHT
    return settings


@pytest.fixture
def long_feed(limits, cy):
    """More than anybody scrolls through."""
    clip = cast.clip()
    given = {"clip": clip, "provider": "preview", "model": "preview-1"}
    Post.objects.bulk_create(Post(author=cy, **given) for _ in range(300))


@pytest.fixture
def clock():
    """Begins now, and moves when it is told to. The database's own clock stays: nothing here asks it for the hour."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield Clock(traveller)
