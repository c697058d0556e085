"""C02, R08: a face that is in 100,000 posts is taken back."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from tests.bench.consent import Face, cast_in_many
from tests.bench.world import Shape, build
from tests.drill.crowds import in_processes
from tests.drill.table import Tried

WORLD = 0.5
FACE = 100_000
PAGES = 5
SAMPLE = 500

_MISCOUNTS = {
    "remix_count": """SELECT count(*) FROM posts_post p LEFT JOIN (
        SELECT e.source_id, count(*) AS n FROM remix_edge e JOIN posts_post d ON d.id = e.derivation_id AND d.counted
        GROUP BY 1) found ON found.source_id = p.id WHERE p.remix_count <> coalesce(found.n, 0)""",
    "descendant_count": """WITH RECURSIVE up (post_id, id) AS (
        SELECT derivation_id, source_id FROM remix_edge
        UNION SELECT up.post_id, e.source_id FROM up JOIN remix_edge e ON e.derivation_id = up.id)
        SELECT count(*) FROM posts_post p LEFT JOIN (
        SELECT up.id, count(*) AS n FROM up JOIN posts_post d ON d.id = up.post_id AND d.counted GROUP BY 1) found
        USING (id) WHERE p.descendant_count <> coalesce(found.n, 0)""",
    "post_count": """SELECT count(*) FROM accounts_user u LEFT JOIN (
        SELECT author_id, count(*) AS n FROM posts_post WHERE counted GROUP BY 1) found ON found.author_id = u.id
        WHERE u.post_count <> coalesce(found.n, 0)""",
    "casting_count": """SELECT count(*) FROM accounts_user WHERE id = %(owner)s AND casting_count <> 0""",
    "counted": """SELECT count(*) FROM posts_post p JOIN cameos_appearance a ON a.post_id = p.id
        WHERE a.cameo_id = %(cameo)s AND p.counted""",
    "waits": """SELECT count(*) FROM feeds_exposure x JOIN cameos_appearance a ON a.post_id = x.post_id
        WHERE a.cameo_id = %(cameo)s AND x.waits""",
}


def drill(scale: float) -> Iterator[Tried]:
    import os

    from cameos import consent
    from cameos.models import Appearance
    from remix import reconciling
    from sora_social.accounts.models import User
    from sora_social.core.models import OutboxEvent

    viewers = build(os.environ["DATABASE_OWNER_URL"], Shape.scaled(WORLD * scale))[:10]
    face = cast_in_many("star", round(FACE * scale))
    reconciling.reconcile_all()  # the people behind lineages are not counted by what fills the world
    settle()
    crawl = Crawl(viewers, face)
    before, pages = crawl.faces()
    owner = User.objects.get(pk=face.owner_id)
    began = time.perf_counter()
    consent.revoke(owner, face.cameo_id, mode=consent.Mode.UNPUBLISH_ALL)
    took_ms = 1000 * (time.perf_counter() - began)
    after, _ = crawl.faces()
    yield Tried(
        "C02",
        "after revoke returns no page shows it at the next request",
        "warm caches; every feed of ten people, the face's page, remixes, and single posts, before anything settled",
        f"{face.appearances:,} posts with the face, {pages:,} requests",
        f"the call took {took_ms:.0f} ms; the face was shown {before:,} times before, {after:,} after",
        before > 0 and after == 0 and Appearance.objects.filter(cameo=face.cameo_id, withdrawn_at=None).exists(),
    )
    began = time.perf_counter()
    in_processes(settle, [(), ()])
    seconds = time.perf_counter() - began
    left = Appearance.objects.filter(cameo=face.cameo_id, withdrawn_at=None).count() + OutboxEvent.objects.count()
    found = {
        **_miscounts(face),
        "the four counts of lineages": reconciling.reconcile_all(),
        "is_gone": _misplaced(face),
    }
    wrong = {name: count for name, count in found.items() if count}
    again, _ = crawl.faces()
    yield Tried(
        "R08",
        "counters equal row counts when what follows has settled",
        "two relays at once settle the revocation",
        f"{face.appearances:,} appearances; {', '.join(found)} of all posts and people",
        f"settled in {seconds:.0f} s; {left} left, "
        f"{sum(wrong.values())} wrong counts{f' {wrong}' if wrong else ''}, shown {again} times",
        not left and not wrong and not again,
    )


def settle() -> None:
    """Handle events and fold counts until nothing waits, whoever else does it."""
    from sora_social.core import outbox, tallies
    from sora_social.core.models import OutboxEvent, Tally

    while OutboxEvent.objects.filter(attempts=0).exists() or Tally.objects.exists():
        outbox.relay(at_most=20)
        tallies.fold()


def _miscounts(face: Face) -> dict[str, int]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name, sql in _MISCOUNTS.items():
            cursor.execute(sql, {"owner": face.owner_id, "cameo": face.cameo_id} if "%(" in sql else None)
            found[name] = cursor.fetchone()[0]
    return found


def _misplaced(face: Face) -> int:
    """Edges to posts with the face that still say that these stand."""
    from cameos.models import Appearance
    from remix.models import Edge

    posts = Appearance.objects.filter(cameo=face.cameo_id).values("post_id")
    return Edge.objects.filter(is_gone=False, derivation__in=posts).count()


class Crawl:
    """Goes through all lists as several people, and counts the answers with a face."""

    def __init__(self, viewers: Sequence[int], face: Face) -> None:
        from cameos.models import Appearance
        from remix.models import Edge
        from sora_social.accounts.models import User
        from tests import cast

        self.face = face
        people = User.objects.filter(pk__in=[*viewers, face.owner_id])
        posts = list(Appearance.objects.filter(cameo=face.cameo_id).values_list("post_id", flat=True)[:SAMPLE])
        author = Appearance.objects.filter(cameo=face.cameo_id).values_list("requester_id", flat=True)[0]
        self.tokens = [cast.session_token(person) for person in (*people, User.objects.get(pk=author))]
        star, maker = (User.objects.get(pk=pk).handle for pk in (face.owner_id, author))
        roots = Edge.objects.filter(derivation__in=posts).values_list("source_id", flat=True).distinct()[:5]
        self.lists = [
            *(f"/v1/feed?feed={feed}&limit=50" for feed in ("for_you", "following", "latest")),
            f"/v1/people/{star}/appearances?limit=50",
            f"/v1/people/{maker}/posts?limit=50",
            *(f"/v1/posts/{root}/remixes?limit=50" for root in roots),
        ]
        self.posts = [f"/v1/posts/{post_id}" for post_id in posts]

    def faces(self) -> tuple[int, int]:
        """How often the face was shown, and in how many requests."""
        from django.test import Client

        shown = requests = 0
        for number, token in enumerate(self.tokens):
            client = Client(headers={"X-Session-Token": token})
            for path in self.lists:
                cursor: str | None = ""
                for _ in range(PAGES):
                    body = self._get(client, f"{path}&cursor={cursor}")
                    requests += 1
                    shown += self._count(body)
                    cursor = body.get("next")
                    if not cursor:
                        break
            for path in self.posts[number :: len(self.tokens)]:
                requests += 1
                shown += self._count(self._get(client, path))
        return shown, requests

    def _get(self, client: Any, path: str) -> dict[str, Any]:
        answer = client.get(path)
        assert answer.status_code in {200, 404}, (path, answer.status_code, answer.content[:300])
        return dict(json.loads(answer.content))

    def _count(self, body: dict[str, Any]) -> int:
        posts = [item.get("post", item) for item in body.get("items", [body])]
        return sum(str(self.face.cameo_id) in json.dumps(post.get("cast", [])) for post in posts)
