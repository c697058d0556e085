"""Q1: pages of lists whose questions Django compiles once, against the same QuerySets built for each page."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.feed_pages import Setting
from tests.bench.report import Row, spread

LIMIT = 20


def run(setting: Setting, *, pages: int = 400) -> Iterator[Row]:
    from sora_social.accounts import ties
    from sora_social.core.cursors import PreparedList, keyset_page
    from sora_social.posts import listing
    from sora_social.posts.comments import reading

    def both(prepared: PreparedList, **values: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
        paging = {"purpose": "bench", "cursor": "", "limit": LIMIT}
        return (
            lambda: prepared.page(**paging, **values),
            lambda: keyset_page(prepared.build(**values), order=prepared.order, **paging),  # type: ignore[arg-type]
        )

    viewer, author, post = setting.viewers[0], *_the_busiest()
    lists = {
        "the posts of a person": both(listing._BY, viewer=viewer, author=author),
        "comments, the most liked first": both(reading._THREADS["top"], viewer=viewer, post=post),
        "followers": both(ties._FOLLOWERS, viewer=viewer, person=author),
    }
    for name, (ours, theirs) in lists.items():
        assert [row.pk for row in ours().items] == [row.pk for row in theirs().items]
        rounds = [(_seconds(setting, ours, pages), _seconds(setting, theirs, pages)) for _ in range(setting.rounds)]
        ours_ms, theirs_ms = (1000 * statistics.median(side) for side in zip(*rounds, strict=True))
        yield Row(
            "Q1",
            f"{name}, the first {len(ours().items)}, as rows: compiled once; other side: the same QuerySet built "
            "for each page. Processor time of all processes",
            f"{ours_ms:.2f} ms",
            f"{theirs_ms:.2f} ms",
            f"{spread([mine / other for mine, other in rounds])}×",
        )


def _the_busiest() -> tuple[int, int]:
    """An author whom nearly all follow, and the post with the most comments."""
    from sora_social.accounts.models import User
    from sora_social.posts.models import Post

    author = User.objects.order_by("-follower_count", "pk").values_list("pk", flat=True)[0]
    return author, Post.objects.order_by("-comment_count", "pk").values_list("pk", flat=True)[0]


def _seconds(setting: Setting, page: Callable[[], Any], pages: int) -> float:
    """Of a page, on average."""
    before = time.process_time() + setting.engine_cpu_seconds()
    for _ in range(pages):
        page()
    return (time.process_time() + setting.engine_cpu_seconds() - before) / pages
