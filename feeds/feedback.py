"""What viewers say back: what they watched, what they do not want, and their question why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from feeds import attributing, logbook
from feeds.models import Exposure, NotInterested, ServedPage, Watch
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound
from sora_social.posts.models import VIEWS, Post
from sora_social.posts.posting import post_for

VIEW_MS = 1_000  # a view is a second of watching, once per person and post


@dataclass(frozen=True)
class WatchReport:
    """What a client saw of one impression; times in milliseconds."""

    page_id: int
    position: int
    visible_ms: int
    watched_ms: int
    loops: int
    ended: bool
    opened: bool


def report_watches(viewer: User, reports: Sequence[WatchReport]) -> int:
    """Store what a client reports of its own impressions; the first word on each counts.

    Impressions that were never served to this viewer are passed over. Returns how many were stored.
    """
    logbook.flush()
    pages = ServedPage.objects.filter(viewer=viewer, pk__in={report.page_id for report in reports}).in_bulk()
    watches = {
        (report.page_id, report.position): _watch(viewer, pages[report.page_id], report)
        for report in reversed(reports)
        if report.page_id in pages and report.position < len(pages[report.page_id].post_ids)
    }
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=viewer.pk))  # one reporter of a person at a time
        known = set(Watch.objects.filter(viewer=viewer, page__in=pages).values_list("page_id", "position", named=False))
        new = [watch for place, watch in watches.items() if place not in known]
        alive = set(Post.objects.filter(pk__in={watch.post_id for watch in new}).values_list("pk", flat=True))
        new = [watch for watch in new if watch.post_id in alive]
        _count_views(viewer, new)
        _pass_over_repeats(viewer, new)
        Watch.objects.bulk_create(new)
        attributing.note_opens(viewer, new, at=timezone.now())
    return len(new)


def _watch(viewer: User, page: ServedPage, report: WatchReport) -> Watch:
    return Watch(
        page=page,
        position=report.position,
        viewer=viewer,
        post_id=page.post_ids[report.position],
        visible_ms=report.visible_ms,
        watched_ms=report.watched_ms,
        loops=report.loops,
        ended=report.ended,
        opened=report.opened,
    )


def _count_views(viewer: User, watches: Sequence[Watch]) -> None:
    viewed = {watch.post_id for watch in watches if watch.watched_ms >= VIEW_MS}
    before = Watch.objects.filter(viewer=viewer, post__in=viewed, watched_ms__gte=VIEW_MS)
    VIEWS.add_all(sorted(viewed - set(before.values_list("post_id", flat=True))))


def _pass_over_repeats(viewer: User, watches: Sequence[Watch]) -> None:
    """Mark as counted all but a person's first watch of a post: the ranker's evidence counts people."""
    before = Watch.objects.filter(viewer=viewer, post__in={watch.post_id for watch in watches})
    known = set(before.values_list("post_id", flat=True))
    for watch in sorted(watches, key=lambda watch: (watch.page_id, watch.position)):
        watch.counted = watch.post_id in known
        known.add(watch.post_id)


def not_interested(viewer: User, post_id: int) -> None:
    """Ask for less like this. It speaks against a post that a feed showed them lately, as every act does: who comes to
    one by its id says nothing of it. May be repeated. Raises NotFound.
    """
    post = post_for(viewer, post_id)
    logbook.flush()
    if not attributing.was_shown(viewer, post_id):
        return
    with transaction.atomic():
        _, created = NotInterested.objects.get_or_create(viewer=viewer, post=post)
        if created:
            Exposure.objects.filter(pk=post_id).update(see_less_count=F("see_less_count") + 1)


def why(viewer: User, post_id: int) -> list[dict[str, Any]]:
    """Why `viewer` was last shown a post: the reasons that its impression was logged with. Raises NotFound."""
    post_for(viewer, post_id)
    logbook.flush()
    page = ServedPage.objects.filter(viewer=viewer, post_ids__contains=[post_id]).order_by("-pk").first()
    if page is None:
        raise NotFound("It was not shown to you in a feed.")
    reasons: list[dict[str, Any]] = orjson.loads(page.reasons[page.post_ids.index(post_id)])
    return reasons
