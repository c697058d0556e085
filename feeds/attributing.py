"""What people did because a feed had shown them a post: each act is put down to a post, once for each person.

A remix is put down to its source, something made with somebody of a post's cast or with its prompt to that post. A
prompt of one's own is put down to what was watched last, and only within half an hour of it. Nothing is put down to a
post that no feed had shown this person in the 24 hours before, nor to one's own. (Follows are put down in `reach`.)
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from cameos import casting
from cameos.models import Appearance, Cameo
from feeds.models import Act, Attribution, ServedPage, Watch
from feeds.moments import page_id_at
from sora_social.accounts.models import User
from sora_social.posts.events import PostPublished
from sora_social.posts.models import Post, Visibility
from sora_social.studio.events import GenerationQueued
from sora_social.studio.models import Draft, Generation

HORIZON = timedelta(hours=24)
RIGHT_AFTER = timedelta(minutes=30)
CLOCKS_APART = timedelta(seconds=5)  # pages have the clock of a process, everything else that of the database
SEEN_MS = 1_000  # watched less, nobody is inspired

PUBLISH_AFTER: Final = {
    Act.SUBMIT: Act.PUBLISH,
    Act.CAST_SUBMIT: Act.CAST_PUBLISH,
    Act.PROMPT_SUBMIT: Act.PROMPT_PUBLISH,
}

_NOTE = """
INSERT INTO feeds_attribution (post_id, person_id, act, at, job_id, made_id)
SELECT p.id, %(person)s, %(act)s, %(at)s, %(job)s, %(made)s
FROM posts_post p WHERE p.id = ANY(%(posts)s) AND p.author_id <> %(person)s ORDER BY p.id
ON CONFLICT (post_id, person_id, act) DO UPDATE SET job_id = coalesce(excluded.job_id, feeds_attribution.job_id)"""


def _note(
    person_id: int, posts: Iterable[int], act: Act, *, at: datetime, job: int | None = None, made: int | None = None
) -> None:
    """Put an act down to these posts; what is there already stays, and stands for the newer job, too."""
    numbers: dict[str, Any] = {
        "person": person_id,
        "posts": list(posts),
        "act": act,
        "at": at,
        "job": job,
        "made": made,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, numbers)


# the composer


def note_opens(viewer: User, watches: Sequence[Watch], *, at: datetime) -> None:
    """In the transaction of the report: from these impressions the composer was opened."""
    opened = {watch.post_id for watch in watches if watch.opened}
    if opened:
        _note(viewer.pk, opened, Act.OPEN, at=at)


# what was sent


def note_submission(event: GenerationQueued) -> None:
    """Put a new job down to what led to it. Who sends something has opened the composer, whatever the client said."""
    job = Generation.objects.prefetch_related("sources").filter(pk=event.job_id).first()
    if job is None:
        return
    act, posts = _led_to(job)
    if posts:
        _note(job.owner_id, posts, Act.OPEN, at=job.created_at)
        _note(job.owner_id, posts, act, at=job.created_at, job=job.pk)


def _led_to(job: Generation) -> tuple[Act, list[int]]:
    sources = [source.post_id for source in job.sources.all()]
    if sources:
        return Act.SUBMIT, _shown(job.owner_id, HORIZON, before=job.created_at, among=sources)
    cast = list(casting.cast_of_job(job.pk).values_list("cameo_id", flat=True))
    others = list(Cameo.objects.filter(pk__in=cast).exclude(owner=job.owner_id).values_list("pk", flat=True))
    if job.inspired_by_id is not None:
        shown = _shown(job.owner_id, HORIZON, before=job.created_at, among=[job.inspired_by_id])
        shares_cast = Appearance.objects.filter(post_id=job.inspired_by_id, cameo__in=others).exists()
        return Act.CAST_SUBMIT if shares_cast else Act.PROMPT_SUBMIT, shown
    recent = _shown(job.owner_id, RIGHT_AFTER, before=job.created_at)
    casting_them = set(
        Appearance.objects.filter(post_id__in=recent, cameo__in=others).values_list("post_id", flat=True)
    )
    if casting_them:
        among = [post_id for post_id in recent if post_id in casting_them]
        return Act.CAST_SUBMIT, _likeliest(job.owner_id, among, since=job.created_at - RIGHT_AFTER)
    return Act.PROMPT_SUBMIT, _watched_last(job)


def _shown(person_id: int, within: timedelta, *, before: datetime, among: Sequence[int] = ()) -> list[int]:
    """Posts that feeds showed somebody, those of the newest page first, from its top, each once."""
    began, ended = page_id_at(before - within), page_id_at(before + CLOCKS_APART)
    pages = ServedPage.objects.filter(viewer=person_id, pk__gte=began, pk__lt=ended).order_by("-pk")
    if among:
        pages = pages.filter(post_ids__overlap=list(among))
    shown = (post_id for ids in pages.values_list("post_ids", flat=True) for post_id in ids)
    return list(dict.fromkeys(post_id for post_id in shown if not among or post_id in among))


def was_shown(person: User, post_id: int) -> bool:
    """Whether a feed showed them this post within the time in which an act is put down to it."""
    return bool(_shown(person.pk, HORIZON, before=timezone.now(), among=[post_id]))


def _likeliest(person_id: int, posts: Sequence[int], *, since: datetime) -> list[int]:
    """The one of these shown posts that somebody watched last; when they watched none, the first of them."""
    watched = Watch.objects.filter(viewer=person_id, post__in=posts, page__gte=page_id_at(since))
    last = watched.order_by("-page", "-position").values_list("post_id", flat=True).first()
    return [last] if last is not None else list(posts[:1])


def _watched_last(job: Generation) -> list[int]:
    began = job.created_at - RIGHT_AFTER
    watched = Watch.objects.filter(
        viewer=job.owner_id, reported_at__gte=began, reported_at__lte=job.created_at, watched_ms__gte=SEEN_MS
    )
    last = watched.filter(page__gte=page_id_at(began)).order_by("-page", "-position").first()
    return [] if last is None else [last.post_id]


# what was published


def note_publication(event: PostPublished) -> None:
    """What led to the job of a post led to the post, too; only what others may come across counts."""
    post = Post.objects.filter(
        pk=event.post_id,
        visibility__in=(Visibility.PUBLIC, Visibility.FOLLOWERS),
        deleted_at=None,
        removed_at=None,
    ).first()
    draft = Draft.objects.filter(post=event.post_id).prefetch_related("generation__sources").first()
    if post is None or draft is None:
        return
    job = draft.generation
    sources = [source.post_id for source in job.sources.all()]
    led = Attribution.objects.filter(person=post.author_id, act__in=PUBLISH_AFTER).filter(
        Q(job=job) | Q(act=Act.SUBMIT, post__in=sources)
    )
    for post_id, act in led.values_list("post_id", "act"):
        _note(post.author_id, [post_id], PUBLISH_AFTER[Act(act)], at=post.shown_at, made=post.pk)


# reported


def note_report(reporter: User, post_id: int) -> None:
    """In the transaction of the report: somebody told the moderators of a post that a feed had shown them."""
    now = timezone.now()
    _note(reporter.pk, _shown(reporter.pk, HORIZON, before=now, among=[post_id]), Act.REPORT, at=now)
