"""Beginning anew: what was learned of a viewer is used no more."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from feeds.models import FeedSetting, Interest, SteeringRule
from feeds.steering import instructions, preferences
from sora_social.accounts.models import User

# what was said of posts is unsaid: their counts go down by one, in one order, so that two who reset do not deadlock
_UNSAY = """
WITH gone AS (DELETE FROM feeds_notinterested WHERE viewer_id = %s RETURNING post_id),
held AS (SELECT x.post_id FROM feeds_exposure x JOIN gone USING (post_id) ORDER BY x.post_id FOR UPDATE OF x),
fewer AS (UPDATE feeds_exposure x SET see_less_count = greatest(x.see_less_count - 1, 0)
          FROM held WHERE x.post_id = held.post_id)
SELECT count(*) FROM gone"""


@dataclass(frozen=True, slots=True)
class Begun:
    """From when on things count again, and how much was cleared."""

    reset_at: datetime
    rules: int
    interests: int
    not_interested: int


def reset(viewer: User) -> Begun:
    """Forget what was learned. Likes, posts and comments before now lend no topics and make no ties, and likes bring no
    posts; what was seen may come again; rules, interests and "not interested" are gone. May be repeated.

    What I made, liked and said, whom I follow, and what I switched off stay as they are.
    """
    with transaction.atomic():
        preferences.renew(viewer)
        rules = instructions.in_force(viewer, timezone.now()).count()
        SteeringRule.objects.filter(viewer=viewer).delete()
        interests, _ = Interest.objects.filter(viewer=viewer).delete()
        with connection.cursor() as cursor:
            cursor.execute(_UNSAY, [viewer.pk])
            (unsaid,) = cursor.fetchone()
        setting, _ = FeedSetting.objects.update_or_create(viewer=viewer, defaults={"forgot_at": Now()})
        setting.refresh_from_db(fields=["forgot_at"])
        assert setting.forgot_at is not None  # noqa: S101 - just written
    return Begun(setting.forgot_at, rules, interests, unsaid)
