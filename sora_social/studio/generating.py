"""The story of a job from claim to end. PostgreSQL decides everything by its own clock; messages are only hints.

One conditional UPDATE claims a job, gives it a lease and a new fencing token. The worker extends the lease while it
lives and carries the token in every write: who lost the lease can change nothing any more. The end (clips, drafts,
quota, event) is one transaction under the row's lock, so a job ends once. Whatever dies on the way, the sweep finds
the row with its lease run out, and sends somebody else, three times at most.
"""

import math
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from cameos import casting, portraits, requesting
from cameos.casting import CastNotAllowed
from cameos.limits import Judgement
from cameos.models import Cameo
from remix import rules
from remix.models import EdgeKind
from sora_social.core import outbox, telling
from sora_social.core.errors import Forbidden, NotFound
from sora_social.credits import quota
from sora_social.media import certificates, intake
from sora_social.media.manifests import CannotSign
from sora_social.media.models import Clip
from sora_social.posts.models import Post
from sora_social.studio import limiting, providers, safety, stating
from sora_social.studio.events import GenerationFinished, GenerationQueued
from sora_social.studio.models import OPEN, Draft, DraftStatus, Generation, JobStatus
from sora_social.studio.providers import CastOrder, Order, ProviderError, ShotOrder, SourceFile
from sora_social.studio.safety import Refusal
from sora_social.studio.stating import Used

log = structlog.get_logger(__name__)

QUEUED_TOO_LONG = timedelta(seconds=15)
SWEEP_AT_MOST = 200
PROGRESS_EVERY = 0.5  # seconds


class LeaseLost(Exception):
    """Somebody else has the job now, or it was cancelled: stop, and leave no trace."""


# told to work


def enqueue(event: GenerationQueued) -> None:
    """Ask a worker to take up a new job. Raises when the broker is down: the event is then tried again."""
    dispatch(event.job_id)


def dispatch(job_id: int) -> None:
    current_app.send_task("sora_social.studio.tasks.render", args=[job_id])


# claimed


def _free() -> Q:
    """Jobs that nobody works on."""
    return Q(status__in=OPEN) & (Q(lease_until__isnull=True) | Q(lease_until__lt=Now()))


def claim(job_id: int) -> Generation | None:
    """Take a job for this worker, or None when it is ended, somebody has it, or it was tried often enough."""
    with transaction.atomic():
        taken = (
            Generation.objects.filter(_free(), pk=job_id, attempts__lt=settings.RENDER_ATTEMPTS)
            .order_by()
            .update(
                status=JobStatus.IN_PROGRESS,
                attempts=F("attempts") + 1,
                token=F("token") + 1,
                lease_until=Now() + settings.LEASE,
                progress=0.0,
            )
        )
        return Generation.objects.select_related("owner", "template_version").get(pk=job_id) if taken else None


class Lease:
    """Keeps a claimed job ours while we work: by a thread every third of the lease, and with the progress."""

    def __init__(self, job: Generation) -> None:
        self._job_id, self._token, self._owner_id = job.pk, job.token, job.owner_id
        self._progress = 0.0
        self._heard_at = self._wrote_at = time.monotonic()
        self._lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease {job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def advance(self, share: float) -> None:
        """Write how far the work is, 0..1, now and then. Raises LeaseLost."""
        self._progress = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
        if time.monotonic() - self._wrote_at >= PROGRESS_EVERY:
            self._beat()
        if self._lost.is_set():
            raise LeaseLost

    def _keep(self) -> None:
        pause = settings.LEASE.total_seconds() / 3
        try:
            while not self._over.wait(pause) and not self._lost.is_set():
                self._beat()
        finally:
            connection.close()

    def _beat(self) -> None:
        """Extend the lease, only while the token is still the row's. A database that is away for less than the lease
        loses nothing."""
        self._wrote_at = time.monotonic()
        mine = Generation.objects.filter(pk=self._job_id, token=self._token, status=JobStatus.IN_PROGRESS)
        try:
            is_held = mine.update(lease_until=Now() + settings.LEASE, progress=self._progress)
        except DatabaseError as error:
            log.warning("heartbeat_failed", job_id=self._job_id, error=str(error))
            connection.close()
            is_held = time.monotonic() - self._heard_at < settings.LEASE.total_seconds()
        else:
            self._heard_at = time.monotonic()
            _tell(self._owner_id, self._job_id, JobStatus.IN_PROGRESS, self._progress)
        if not is_held:
            self._lost.set()


# made


def render(job_id: int) -> None:
    """Work on a job to its end. May be called twice, at once, late: all but one call find nothing to do."""
    job = claim(job_id)
    if job is None:
        return
    clips: list[Clip] = []
    try:
        with Lease(job) as lease, tempfile.TemporaryDirectory(prefix="sora-render-") as folder:
            sources = _sources(job, Path(folder))
            for ordinal in range(job.variations):
                clips.append(_make(job, ordinal, sources, Path(folder) / str(ordinal), lease))
    except LeaseLost:
        pass
    except _MayNotBeMade as why:
        _refuse(job, why.refusal)
    except ProviderError as error:
        _give_back(job, error)
    except Exception:  # a fault of ours or of the provider's code: another attempt may go better, three at most
        log.exception("render_failed", job_id=job_id, attempt=job.attempts)
        _give_back(job, ProviderError("Making the clip failed.", code="render_failed", retryable=True))
    else:
        # when the database breaks off in the middle of this, nobody knows whether it was done: the files stay, and
        # `media.upkeep` removes them if it was not
        if _complete(job, clips):
            return
    _discard(clips)


SOURCE_GONE = Refusal(
    "reference",
    "source_unavailable",
    "What this is made from is not available to you any more.",
    "Start from another post.",
)
CAST_GONE = Refusal(
    "cast",
    "cast_not_allowed",
    "Not everybody in the cast may be cast by you any more.",
    "Cast somebody else, or ask them.",
)
FOOTAGE_KEPT = Refusal(
    "reference",
    "cannot_replace",
    "Nobody can be taken out of this clip: it can only be made from its picture.",
    "Remix it with its cast, or start from another post.",
)


class _MayNotBeMade(Exception):
    """A source or somebody in the cast is not to be used any more."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True)
class _Sources:
    """What a clip is made from: files for its maker, and what is to be said of each source."""

    files: tuple[SourceFile, ...] = ()
    used: tuple[Used, ...] = ()


def _sources(job: Generation, folder: Path) -> _Sources:
    rows = list(job.sources.all())
    if not rows:
        return _Sources()
    try:
        posts = rules.require_remixable(job.owner, [row.post_id for row in rows])
    except (NotFound, Forbidden) as error:
        raise _MayNotBeMade(SOURCE_GONE) from error
    made_from = list(zip(rows, posts, strict=True))
    pictured = [(row, post) for row, post in made_from if row.kind != EdgeKind.TEMPLATE]
    seeds = _seeds([post for _, post in pictured])
    staying = set(casting.cast_of_job(job.pk).values_list("cameo_id", flat=True))
    replaces = not staying.issuperset(casting.cast_of_posts([post.pk for _, post in pictured]))
    if replaces and any(post.pk not in seeds for _, post in pictured):
        raise _MayNotBeMade(FOOTAGE_KEPT)
    clips = Clip.objects.in_bulk([post.clip_id for post in posts])
    # the picture of somebody who was replaced is not handed on: the scene is made anew from its words
    paths = {
        row.ordinal: intake.fetch_video(clips[post.clip_id], folder / f"source-{row.ordinal}.mp4")
        for row, post in pictured
        if not replaces
    }
    files = tuple(
        SourceFile(path=paths.get(row.ordinal), kind=row.kind, prompt=post.prompt, seed=seeds.get(post.pk))
        for row, post in pictured
    )
    used = tuple(
        stating.used(post.pk, row.kind, row.ordinal, clip=clips[post.clip_id], file=paths.get(row.ordinal))
        for row, post in made_from
    )
    return _Sources(files, used)


def _seeds(posts: Sequence[Post]) -> dict[int, int]:
    drafts = Draft.objects.filter(post__in=posts).values_list("post_id", "generation__seed", "ordinal")
    return {post_id: _seed(seed, ordinal) for post_id, seed, ordinal in drafts if post_id is not None}


def _seed(seed: int, ordinal: int) -> int:
    return (seed + ordinal) % 2**32


def _asked_again(job: Generation) -> tuple[list[Cameo], list[tuple[Cameo, Judgement]]]:
    """The cast, each of whom allows it at this moment, for this person and these words, and what their limits say.

    Raises _MayNotBeMade.
    """
    rows = casting.cast_of_job(job.pk)
    ids = list(rows.values_list("cameo_id", flat=True))
    found = casting.castable_among(job.owner, ids) if ids else {}
    if len(found) < len(ids) or rows.unusable().exists():
        raise _MayNotBeMade(CAST_GONE)
    cast = [found[cameo_id] for cameo_id in ids]
    judged = limiting.judged(cast, job)
    texts, about = limiting.told_texts(job), casting.words_about(cast)
    hidden = [*limiting.sealed_texts(job), *about]
    refusal = (
        (safety.refusal_of(texts[0], beside=texts[1:], hidden=hidden) if about else None)
        or limiting.memorial_refusal(texts, beside=hidden)
        or limiting.refusal_in(judged, job)
    )
    if refusal is not None:
        raise _MayNotBeMade(refusal)
    return cast, judged


def _make(job: Generation, ordinal: int, sources: _Sources, folder: Path, lease: Lease) -> Clip:
    folder.mkdir()
    certificates.current()  # who cannot sign pays no maker
    cast, _ = _asked_again(job)
    order = Order(
        key=f"{job.pk}-{ordinal}",
        prompt=job.prompt,
        negative_prompt=job.negative_prompt,
        seconds=job.seconds,
        orientation=job.orientation,
        style=job.style,
        camera=job.camera,
        seed=_seed(job.seed, ordinal),
        maker_handle=job.owner.handle,
        shots=tuple(ShotOrder(shot["text"], shot["seconds"]) for shot in job.shots),
        sources=sources.files,
        cast=tuple(
            CastOrder(cameo.title, portraits.fetch(cameo, folder / f"cast-{place}.jpg"), cameo.preferences)
            for place, cameo in enumerate(cast)
        ),
    )
    made = providers.named(job.provider).make(
        order, directory=folder, on_progress=lambda share: lease.advance((ordinal + share) / job.variations)
    )
    lease.advance((ordinal + 1) / job.variations)
    try:
        return intake.store_clip(
            video=made.video,
            poster=made.poster,
            captions=made.captions,
            seconds=job.seconds,
            statement=stating.statement_of(job, sources.used),
        )
    except intake.BadClip as error:
        raise ProviderError(f"The clip came out wrong: {error}.", code="bad_output", retryable=True) from error
    except CannotSign as error:
        log.exception("clip_not_signed", job_id=job.pk)
        raise ProviderError("The clip could not be signed.", code="not_signed", retryable=False) from error


def _discard(clips: Sequence[Clip]) -> None:
    for clip in clips:
        intake.discard(clip)


# ended


def _held(job: Generation) -> Generation | None:
    """The job's row, locked, if it is still this worker's: the fence that every ending write passes."""
    return (
        Generation.objects.select_for_update().filter(pk=job.pk, token=job.token, status=JobStatus.IN_PROGRESS).first()
    )


def _complete(job: Generation, clips: Sequence[Clip]) -> bool:
    """Clips, drafts, quota, state and event, or nothing of it. False when nothing was kept.

    The cast is asked once more, under lock: it may have been taken back while the clip was made. Who wants to be asked
    about the draft itself is asked.
    """
    with transaction.atomic():
        held = _held(job)
        if held is None:
            return False
        rows = list(casting.cast_of_job(held.pk))
        try:
            cast, judged = _held_cast(held)
        except _MayNotBeMade as why:
            _end_refused(held, why.refusal)
            return False
        awaits = False
        for ordinal, clip in enumerate(clips):
            clip.save()
            draft = Draft.objects.create(generation=held, owner_id=held.owner_id, ordinal=ordinal, clip=clip)
            casting.appear_in_draft(draft.pk, rows, cast)
            telling.tell([held.owner_id], "draft", {"id": str(draft.pk), "generation_id": str(held.pk)})
            if requesting.ask_owners(draft.pk, job_id=held.pk, requester=held.owner, judged=judged):
                draft.status = DraftStatus.AWAITING_CAST
                draft.save(update_fields=["status"])
                awaits = True  # all drafts of a job have the same cast and words
        end(held, JobStatus.COMPLETED, captured=len(clips), awaits=awaits, progress=1.0)
    return True


def _held_cast(job: Generation) -> tuple[list[Cameo], list[tuple[Cameo, Judgement]]]:
    """The cast, held until the transaction ends, and what their limits say. Raises _MayNotBeMade."""
    try:
        casting.hold(job.owner, list(casting.cast_of_job(job.pk).values_list("cameo_id", flat=True)))
    except CastNotAllowed as error:
        raise _MayNotBeMade(CAST_GONE) from error
    return _asked_again(job)


def _refuse(job: Generation, refusal: Refusal) -> None:
    with transaction.atomic():
        held = _held(job)
        if held is not None:
            _end_refused(held, refusal)


def _end_refused(held: Generation, refusal: Refusal) -> None:
    told = refusal.as_json()
    Draft.objects.create(generation=held, owner_id=held.owner_id, status=DraftStatus.REFUSED, refusal=told)
    end(held, JobStatus.REFUSED, refusal=told)


def _give_back(job: Generation, error: ProviderError) -> None:
    """Let the sweep send somebody else after a pause, or end the job when that is of no use."""
    with transaction.atomic():
        held = _held(job)
        if held is None:
            return
        if error.retryable and held.attempts < settings.RENDER_ATTEMPTS:
            held.status, held.progress = JobStatus.QUEUED, 0.0
            held.lease_until = Now() + timedelta(seconds=2**held.attempts)
            held.save(update_fields=["status", "progress", "lease_until"])
        else:
            end(held, JobStatus.FAILED, error={"code": error.code, "message": error.message})


def end(job: Generation, status: JobStatus, *, captured: int = 0, awaits: bool = False, **columns: Any) -> None:
    """End a job whose row is locked: its hold is settled, and whoever cares is told. In the caller's transaction."""
    for name, value in {**columns, "status": status, "finished_at": Now(), "lease_until": None}.items():
        setattr(job, name, value)
    job.save(update_fields=[*columns, "status", "finished_at", "lease_until"])
    if job.hold_id is not None:
        quota.settle(job.hold_id, captured=captured, awaits=awaits)
    outbox.announce(GenerationFinished(job_id=job.pk, owner_id=job.owner_id, status=status))
    _tell(job.owner_id, job.pk, status, job.progress)


def _tell(owner_id: int, job_id: int, status: str, progress: float) -> None:
    words = {"id": str(job_id), "status": status, "progress": round(progress, 3)}
    telling.tell([owner_id], "generation", words)


# swept


def sweep() -> None:
    """Find jobs that nobody works on: bury those tried often enough, send workers to the others.

    Raises when the broker is down; the next sweep goes on.
    """
    waiting = Q(lease_until__lt=Now()) | Q(lease_until__isnull=True, created_at__lt=Now() - QUEUED_TOO_LONG)
    overdue = Generation.objects.filter(waiting, status__in=OPEN).order_by("id")
    rows = list(overdue.values_list("pk", "attempts")[:SWEEP_AT_MOST])
    for job_id, attempts in rows:
        if attempts >= settings.RENDER_ATTEMPTS:
            _bury(job_id)
    for job_id, attempts in rows:
        if attempts < settings.RENDER_ATTEMPTS:
            dispatch(job_id)


def _bury(job_id: int) -> None:
    with transaction.atomic():
        job = (
            Generation.objects.select_for_update(skip_locked=True)
            .filter(_free(), pk=job_id, attempts__gte=settings.RENDER_ATTEMPTS)
            .first()
        )
        if job is not None:
            message = "Making the clip failed several times. Nothing was charged."
            end(job, JobStatus.FAILED, error={"code": "render_failed", "message": message})
