"""C1: taking back a face that is in 100,000 posts, and one that is in ten; and how long it takes to settle."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.report import Row, spread

CALLS = 20  # of each side in a round: one call is some milliseconds
SETTLES_FOR = 300.0  # seconds at most that are waited for what follows


@dataclass(frozen=True)
class Face:
    """A cameo, and how many posts it is in."""

    owner_id: int
    cameo_id: int
    appearances: int


def cast_in_many(handle: str, count: int, *, offset: int = 0) -> Face:
    """A new person whose face is in so many posts that cast nobody yet, as if it had been there all the time."""
    from django.db import connection

    from tests import cast

    owner = cast.person(handle)
    cameo = cast.cameo(owner, audience="everyone")
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH taken AS (SELECT id, author_id FROM posts_post WHERE cast_count = 0 AND deleted_at IS NULL
                              AND removed_at IS NULL ORDER BY id DESC OFFSET %s LIMIT %s),
                    told AS (UPDATE posts_post p SET cast_count = 1, version = p.version + 1
                             FROM taken WHERE p.id = taken.id)
               INSERT INTO cameos_appearance (cameo_id, requester_id, job_id, draft_id, post_id, is_inherited,
                                              terms_version, epoch, shown_at)
               SELECT %s, author_id, id, id, id, false, 1, 1, now() FROM taken""",
            [offset, count, cameo.pk],
        )
        face = Face(owner.pk, cameo.pk, cursor.rowcount)
        cursor.execute("UPDATE accounts_user SET casting_count = %s WHERE id = %s", [face.appearances, owner.pk])
    return face


def run(appearances: int, rounds: int) -> Iterator[Row]:
    from django.db import connection, connections

    from cameos.models import Appearance
    from sora_social.core.models import OutboxEvent

    with connections["owner"].cursor() as owner:  # who alone may let a face be revoked twice from the same beginning
        owner.execute("ALTER TABLE cameos_cameo DISABLE TRIGGER guard_epochs")
    many, few = cast_in_many("star", appearances), cast_in_many("modest", 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cameos_appearance WHERE cameo_id = %s", [many.cameo_id])
        assert cursor.fetchone()[0] == many.appearances
    medians = []
    for _ in range(rounds):
        spent: dict[Face, list[float]] = {many: [], few: []}
        for _ in range(CALLS):
            for face, seconds in spent.items():
                seconds.append(_revoke(face))
        medians.append([1000 * statistics.median(seconds) for seconds in spent.values()])
    ratios = [ours / other for ours, other in medians]
    ours_ms, other_ms = (statistics.median(side) for side in zip(*medians, strict=True))
    yield Row(
        "C1",
        f"revoke and unpublish a face that is in {many.appearances:,} posts, the call itself; other side: one that is "
        f"in {few.appearances}. Median of {CALLS} calls in each round",
        f"{ours_ms:.2f} ms",
        f"{other_ms:.2f} ms",
        spread(ratios),
        "≤ 1.5×",
        statistics.median(ratios) <= 1.5,
    )
    OutboxEvent.objects.all().delete()
    _revoke(many)
    seconds = _settle()
    settled = Appearance.objects.filter(cameo=many.cameo_id, withdrawn_at__isnull=False).count()
    yield Row(
        "C1",
        "what follows from it, in one process: rows marked, counts mended and folded, rooms asked. Nobody sees any of "
        "the posts meanwhile",
        f"{settled:,} posts in {seconds:.0f} s",
        figure=f"{settled / seconds:,.0f} posts/s",
    )


def _revoke(face: Face) -> float:
    """How long it took, in seconds. Everything before is as if it had never been taken back."""
    from cameos import consent
    from cameos.models import Audience, Cameo
    from sora_social.accounts.models import User

    Cameo.objects.filter(pk=face.cameo_id).update(epoch=1, in_force_from=1, audience=Audience.EVERYONE)
    owner = User.objects.get(pk=face.owner_id)
    began = time.perf_counter()
    consent.revoke(owner, face.cameo_id, mode=consent.Mode.UNPUBLISH_ALL)
    return time.perf_counter() - began


def _settle() -> float:
    """How long it took until nothing waited, or the bench had waited long enough; in seconds."""
    from sora_social.core import outbox, tallies

    began = time.perf_counter()
    while time.perf_counter() - began < SETTLES_FOR and outbox.relay(at_most=50):
        pass
    while tallies.fold():
        pass
    return time.perf_counter() - began
