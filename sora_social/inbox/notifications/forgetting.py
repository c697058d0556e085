"""Old notifications go."""

from django.conf import settings
from django.db.models.functions import Now

from sora_social.inbox.models import Notification

AT_ONCE = 2_000


def forget_old() -> int:
    """Delete notifications in which nothing happened for a while, read or not, some thousand at a time. Returns how
    many. May run at any time."""
    old = Notification.objects.filter(moved_at__lt=Now() - settings.NOTIFICATIONS_KEPT)
    gone = 0
    while batch := list(old.order_by("moved_at").values_list("pk", flat=True)[:AT_ONCE]):
        Notification.objects.filter(pk__in=batch).delete()
        gone += len(batch)
    return gone
