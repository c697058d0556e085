"""The impression log is kept for some weeks and then forgotten, a bounded number of pages at a time."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from feeds.models import ServedPage, Watch
from feeds.moments import page_id_at

PAGES_AT_ONCE = 2_000
ROUNDS_AT_MOST = 50  # of one run: the next beat goes on


def forget_impressions() -> None:
    """Delete pages older than the settings keep, and what clients said of them. What was counted of them stays."""
    before = page_id_at(timezone.now() - timedelta(days=settings.IMPRESSION_DAYS))
    for _ in range(ROUNDS_AT_MOST):
        with transaction.atomic():
            old = ServedPage.objects.select_for_update(skip_locked=True).filter(pk__lt=before, counted=True)
            pages = list(old.order_by("pk").values_list("pk", flat=True)[:PAGES_AT_ONCE])
            Watch.objects.filter(page__in=pages).delete()
            ServedPage.objects.filter(pk__in=pages).delete()
        if len(pages) < PAGES_AT_ONCE:
            break
