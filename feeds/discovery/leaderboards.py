"""What others make most of: counted by a beat, read with visibility asked again.

Who ranks is decided by people, not by acts: whoever makes ten remixes of one post counts once for it, and whoever
remixes their own counts for nothing. Made counts what is public and stands, by somebody who is not suspended.

**Rising** compares today with the week before. A maker counts on the day of the first thing they made of a post; with
d of them within 24 hours and w within the seven days before, e = w / 7 is what a day would bring if nothing changed,
and

    score = (d − e) / √(e + 1)

which is the Pearson residual of d as a Poisson count of mean e (McCullagh and Nelder, Generalized Linear Models, 2nd
ed., 1989, §2.4), with one maker added under the root: a post without a past then scores its makers of today, instead of
the infinity that any first one would bring. Growth from 0 to 5 scores 5, from 10 to 20 a day 3.0, from 90 to 100 1.0.
One person is no trend: less than two makers do not rise.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db import connection, transaction

from cameos import consent, showing
from cameos.models import Audience
from cameos.wire import CameoOut
from feeds.models import Window
from feeds.moments import row_id_before
from feeds.order.filling import fill, listed_posts
from sora_social.accounts.models import User
from sora_social.core.cursors import Page, seal, unseal
from sora_social.core.filling import Key
from sora_social.core.problems import encode
from sora_social.posts import presenting

BOARDS = ("remixed", "cast", "rising")
PLACES_AT_MOST = 500  # of everything
ENTRIES_AT_MOST = 1_000  # of one challenge
RISING_FROM = 2
SPANS = {Window.DAY: timedelta(days=1), Window.WEEK: timedelta(days=7)}
_A_DAY, _EIGHT_DAYS = timedelta(days=1), timedelta(days=8)
_END = 2**63 - 1

# edges that count: a public derivation by somebody else; `s` is what it was made of
_MADE = """
FROM remix_edge e JOIN posts_post d ON d.id = e.derivation_id JOIN accounts_user m ON m.id = d.author_id
JOIN posts_post s ON s.id = e.source_id
WHERE d.author_id <> s.author_id AND d.counted AND d.visibility = 'public' AND m.is_active
  AND NOT e.is_detached"""
_STANDS = """p.counted AND p.visibility = 'public' AND EXISTS (
    SELECT FROM accounts_user a WHERE a.id = p.author_id AND a.is_active)"""

# counts are united with those that have none and grouped, not joined: however wrong the planner is about the size of a
# challenge that grew a moment ago, it takes one pass
_REMIXED = f"""
WITH competing AS (
    SELECT e.source_id AS id, count(DISTINCT d.author_id)::int AS makers {_MADE}
      AND e.derivation_id >= %(since)s AND (%(challenge)s::bigint IS NULL OR s.challenge_id = %(challenge)s)
    GROUP BY 1
    UNION ALL
    SELECT id, 0 FROM posts_post WHERE challenge_id = %(challenge)s),
counts AS (SELECT id, max(makers) AS makers FROM competing GROUP BY 1)
INSERT INTO feeds_rankedpost (board, within, challenge_id, post_id, score, maker_count, like_count)
SELECT 'remixed', %(within)s, %(challenge)s, p.id, makers, makers, p.like_count
FROM counts JOIN posts_post p USING (id) WHERE {_STANDS}
ORDER BY 5 DESC, p.like_count DESC, p.id DESC LIMIT %(at_most)s"""  # noqa: S608 - our own names

_RISING = f"""
WITH lately AS (SELECT DISTINCT source_id FROM remix_edge WHERE derivation_id >= %(day)s),
firsts AS (
    SELECT e.source_id AS post_id, min(e.derivation_id) AS first_id {_MADE}
      AND e.source_id IN (SELECT source_id FROM lately)
      AND (%(challenge)s::bigint IS NULL OR s.challenge_id = %(challenge)s)
    GROUP BY e.source_id, d.author_id),
counts AS (
    SELECT post_id, count(*) FILTER (WHERE first_id >= %(day)s)::int AS today,
           count(*) FILTER (WHERE first_id < %(day)s AND first_id >= %(eight_days)s) / 7.0 AS expected
    FROM firsts GROUP BY 1)
INSERT INTO feeds_rankedpost (board, within, challenge_id, post_id, score, maker_count, like_count)
SELECT 'rising', %(within)s, %(challenge)s, p.id, round(1000 * (today - expected) / sqrt(expected + 1)), today,
       p.like_count
FROM counts JOIN posts_post p ON p.id = counts.post_id
WHERE today >= %(rising_from)s AND today > expected AND {_STANDS}
ORDER BY 5 DESC, p.like_count DESC, p.id DESC LIMIT %(at_most)s"""  # noqa: S608 - our own names

_CAST = """
INSERT INTO feeds_rankedcameo (within, challenge_id, cameo_id, maker_count)
SELECT %(within)s, %(challenge)s, c.id, count(DISTINCT p.author_id)::int
FROM cameos_appearance a JOIN cameos_cameo c ON c.id = a.cameo_id JOIN posts_post p ON p.id = a.post_id
JOIN accounts_user m ON m.id = p.author_id
WHERE a.post_id >= %(since)s AND (%(challenge)s::bigint IS NULL OR p.challenge_id = %(challenge)s)
  AND a.withdrawn_at IS NULL AND p.author_id <> c.owner_id AND p.counted AND p.visibility = 'public' AND m.is_active
  AND c.status = 'active'
GROUP BY c.id ORDER BY 4 DESC, c.id DESC LIMIT %(at_most)s"""


def count(*windows: Window) -> None:
    """Make the leaderboards of these windows anew, each in one step: a reader sees the old one or the new one.

    May be repeated; two at once take turns.
    """
    for window in windows:
        since = row_id_before(SPANS[window]) if window in SPANS else 0
        rank(None, window, since=since, at_most=PLACES_AT_MOST)


def rank(challenge_id: int | None, window: Window, *, since: int, at_most: int) -> None:
    """Make the boards of everything, or of one challenge, anew, from what was made from the id `since` on."""
    values = {
        "challenge": challenge_id,
        "within": str(window),
        "since": since,
        "at_most": at_most,
        "day": row_id_before(_A_DAY),
        "eight_days": row_id_before(_EIGHT_DAYS),
        "rising_from": RISING_FROM,
    }
    boards = [("feeds_rankedpost", "remixed", _REMIXED), ("feeds_rankedcameo", "", _CAST)]
    if challenge_id is not None or window == Window.DAY:  # what is rising has one window
        boards.append(("feeds_rankedpost", "rising", _RISING))
    for table, board, statement in boards:
        of_board = f"AND board = '{board}'" if board else ""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{table} {board}"])
            cursor.execute(
                f"""DELETE FROM {table} WHERE within = %(within)s AND challenge_id IS NOT DISTINCT FROM %(challenge)s
                    {of_board}""",  # noqa: S608 - our own names
                values,
            )
            cursor.execute(statement, values)


# read


def page_of(
    viewer: User, board: str, *, window: str = Window.ALL, challenge_id: int | None = None, cursor: str, limit: int
) -> bytes:
    """A page of a leaderboard as JSON bytes; its numbers are places among what `viewer` may see.

    What is rising has one window, whichever is asked for. Raises Invalid for a foreign cursor.
    """
    if board == "rising" and challenge_id is None:
        window = Window.DAY
    purpose = f"board {board} {window} {challenge_id} {viewer.pk}"
    length = 2 if board == "cast" else 3
    place, *after = unseal(purpose, cursor, 1 + length) if cursor else (0, *(_END,) * length)
    if board == "cast":
        ranked = _Ranked("feeds_rankedcameo", "", "maker_count, cameo_id", window, challenge_id)
        shown, following = fill(ranked.ask, lambda ids: _cameos(viewer, ids), after=tuple(after), limit=limit)
    else:
        ranked = _Ranked("feeds_rankedpost", board, "score, like_count, post_id", window, challenge_id)
        shown, following = fill(ranked.ask, listed_posts(viewer), after=tuple(after), limit=limit)
    thing = b"cameo" if board == "cast" else b"post"
    items = (
        b'{"rank":%d,"makers":%d,"%b":%b}' % (rank, ranked.makers[key[-1]], thing, body)
        for rank, (key, body) in enumerate(shown, start=place + 1)
    )
    cursor = seal(purpose, place + len(shown), *following) if following else ""
    return presenting.list_bytes(items, cursor or None)


def entries_by_place(viewer: User, challenge_id: int, *, cursor: str, limit: int) -> bytes:
    """A page of the entries of a challenge, those first that others made most of, then those most liked."""
    purpose = f"entries {challenge_id} top {viewer.pk}"
    after: Key = unseal(purpose, cursor, 3) if cursor else (_END,) * 3
    ranked = _Ranked("feeds_rankedpost", "remixed", "score, like_count, post_id", Window.ALL, challenge_id, least=0)
    shown, following = fill(ranked.ask, listed_posts(viewer), after=after, limit=limit)
    return presenting.list_bytes((body for _, body in shown), seal(purpose, *following) if following else None)


class _Ranked:
    """The rows of one board, in order; `makers` remembers the counts of those that were asked for."""

    def __init__(
        self, table: str, board: str, order: str, window: str, challenge_id: int | None, *, least: int = 1
    ) -> None:
        columns = order.split(", ")
        falling = ", ".join(f"{column} DESC" for column in columns)
        of_board = "board = %s AND " if board else ""
        of_challenge = "challenge_id IS NULL" if challenge_id is None else "challenge_id = %s"
        self._sql = f"""SELECT {order}, maker_count FROM {table} WHERE {of_board}within = %s AND {of_challenge}
            AND ({order}) < ({", ".join(["%s"] * len(columns))}) AND maker_count >= %s
            ORDER BY {falling} LIMIT %s"""  # noqa: S608 - our own names
        self._values = [value for value in (board, str(window), challenge_id) if value]
        self._least = least
        self.makers: dict[int, int] = {}

    def ask(self, after: Key, count: int) -> list[Key]:
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [*self._values, *after, self._least, count])
            rows = cursor.fetchall()
        self.makers.update((row[-2], row[-1]) for row in rows)
        return [row[:-1] for row in rows]


def _cameos(viewer: User, ids: Sequence[int]) -> Mapping[int, bytes]:
    """Those that are open to some, also to their owner: what is for me alone is on no board."""
    open_ones = [cameo for cameo in consent.cameos_among(viewer, ids) if cameo.audience != Audience.ONLY_ME]
    found = showing.shown_page(viewer, Page(open_ones, None)).items
    rendered = CameoOut(found, many=True).data  # type: ignore[arg-type]  # the stubs do not know of many
    return {shown.cameo.pk: encode(words) for shown, words in zip(found, rendered, strict=True)}
