"""What of a lineage is drawn: all of it while that can be read, else the posts that most came of.

Time and size are bounded, however large the lineage is: a small one is read whole, a few hundred posts at most; of a
large one some are asked for their most liked, and what is left over is a number.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from remix import reading
from remix.lineage import ancestor_ids
from remix.reading import Node, Sight
from remix.walking import Link
from sora_social.core.errors import NotFound

WHOLE_AT_MOST = 500  # posts; a larger lineage is summarised
_READ_AT_MOST = 700  # posts that are looked at, known or not, before a lineage counts as large
_LEVELS_AT_MOST = 50  # and so it does when it is so deep
SUMMARY = 300
_LEVELS = 7  # below the post, in a summary
_ASKED_AT_MOST = 40  # posts whose most liked are asked for
_OF_THE_POST, _OF_OTHERS = 60, 12
_ANCESTORS_READ = 1_000
_ANCESTORS = 24
_IN_A_ROW = 6


@dataclass
class Drawing:
    """What is drawn: the post, rows of ancestors with the nearest first, and what stands below whom.

    `more` counts what was made directly of a post and is not drawn, or all that came of it if nothing of it is;
    `more_above` the ancestors that are not, by their row.
    """

    post: Node
    nodes: dict[int, Node]
    rows: list[list[int]] = field(default_factory=list)
    more_above: dict[int, int] = field(default_factory=dict)
    below: dict[int, list[int]] = field(default_factory=dict)
    more: dict[int, int] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    is_whole: bool = True


def choose(sight: Sight, post_id: int) -> Drawing:
    """What to draw of the lineage of a post. Raises NotFound."""
    post = sight.opened(post_id)
    if post is None:
        raise NotFound
    drawing = Drawing(post=post, nodes={post_id: post})
    _choose_above(sight, drawing)
    if not _choose_whole(sight, drawing):
        _summarise(sight, drawing)
    drawn = drawing.nodes.keys()
    upper = {post_id, *(pk for row in drawing.rows for pk in row)}
    links = reading.links_into(sorted(upper), shown_below=False)
    links += reading.links_into(sorted(drawn - upper), shown_below=True)
    drawing.links = [link for link in links if link.source_id in drawn]
    return drawing


def _choose_above(sight: Sight, drawing: Drawing) -> None:
    """The nearest ancestors, and the farthest of the 1,000 that are read, in rows by their distance."""
    ids = ancestor_ids(drawing.post.post_id, at_most=_ANCESTORS_READ)
    near = ids[:_ANCESTORS]
    rows = _by_distance(drawing.post.post_id, near)
    for row, post_ids in enumerate(rows):
        _add_row(sight, drawing, row, post_ids)
    between = ids[_ANCESTORS:]
    if between:
        drawing.more_above[len(rows)] = len(between) - 1
        drawing.rows.append([])
        _add_row(sight, drawing, len(rows) + 1, between[-1:])
        if not drawing.more_above[len(rows)]:
            del drawing.more_above[len(rows)], drawing.rows[len(rows)]


def _add_row(sight: Sight, drawing: Drawing, row: int, post_ids: Sequence[int]) -> None:
    known = sight.upper(post_ids)
    shown = [post_id for post_id in post_ids if post_id in known][:_IN_A_ROW]
    drawing.nodes |= {post_id: known[post_id] for post_id in shown}
    drawing.rows.append(shown)
    if len(known) > len(shown):
        drawing.more_above[row] = len(known) - len(shown)


def _by_distance(post_id: int, above_ids: Sequence[int]) -> list[list[int]]:
    above = defaultdict(list)
    for link in reading.links_into([post_id, *above_ids], shown_below=False):
        above[link.derivation_id].append(link.source_id)
    rows, met, wanted = [], {post_id}, set(above_ids)
    row = [post_id]
    while row:
        found = dict.fromkeys(source for below in row for source in above[below] if source in wanted - met)
        row = list(found)
        met |= found.keys()
        if row:
            rows.append(row)
    return rows


def _choose_whole(sight: Sight, drawing: Drawing) -> bool:
    """Take everything below the post, if that is little enough; whether it was."""
    top_id = drawing.post.post_id
    if drawing.post.descendants > WHOLE_AT_MOST:
        return False
    stands_under: dict[int, int] = {top_id: top_id}
    levels = {top_id: 0}
    nodes: dict[int, Node] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for steps in reading.steps_below(top_id):
        known = sight.lower([step.post_id for step in steps])
        for step in steps:
            above = stands_under[step.source_id]
            levels[step.post_id] = levels[step.source_id] + 1
            stands_under[step.post_id] = step.post_id if step.post_id in known else above
            if step.post_id in known:
                nodes[step.post_id] = known[step.post_id]
                children[above].append(step.post_id)
        if len(nodes) > WHOLE_AT_MOST or len(stands_under) > _READ_AT_MOST or max(levels.values()) > _LEVELS_AT_MOST:
            return False
    drawing.nodes |= nodes
    drawing.below = {above: sorted(under, key=lambda pk: _by_likes(nodes[pk])) for above, under in children.items()}
    return True


def _by_likes(node: Node) -> tuple[int, int]:
    return -node.likes, -node.post_id


def _summarise(sight: Sight, drawing: Drawing) -> None:
    """Ask the posts that most came of for their most liked, until enough are drawn."""
    drawing.is_whole = False
    asked, drawn = 0, 0
    waiting = [(-drawing.post.descendants, drawing.post.post_id, 0)]
    while waiting:
        _, post_id, level = heapq.heappop(waiting)
        node = drawing.nodes[post_id]
        found: list[int] = []
        if (node.remixes > 0 or not level) and level < _LEVELS and asked < _ASKED_AT_MOST and drawn < SUMMARY:
            asked += 1
            found = sight.top(post_id, _OF_OTHERS if level else _OF_THE_POST)
        fresh = [pk for pk in found if pk not in drawing.nodes]
        known = sight.lower(fresh) if fresh else {}
        fresh = [pk for pk in fresh if pk in known]
        drawing.nodes |= known
        drawn += len(fresh)
        if fresh:
            drawing.below[post_id] = fresh
        left = node.remixes - len(found) if found else node.descendants
        if left > 0:
            drawing.more[post_id] = left
        for pk in fresh:
            heapq.heappush(waiting, (-known[pk].descendants, pk, level + 1))
