"""Where things stand: ancestors in rows above, what was made below in blocks that are about as wide as they are high.

A post with what is under it is a block. The blocks of its children are put side by side in rows, as words are in
lines, and a line along their left edge leads to each row: nothing crosses, and a wide post becomes a band, not a mile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10, sqrt

from remix.drawing.choosing import Drawing

LARGE_AT_MOST = 40  # posts that are drawn with their words; more of them are drawn smaller
_ASPECT = 1.5  # width to height
_WIDTHS = (0.8, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)  # of rows, to the side of a square that would hold them
TRUNK = 11  # how far from its left edge a line enters a box
_INDENT = 22
SHEET = 4  # how far each sheet of a pile looks out from under the one above


@dataclass(frozen=True)
class Scale:
    """Measures in pixels."""

    width: int
    height: int
    across: int
    down: int
    columns: int
    """How many narrow characters a line of text has; of a bold one a fifth less."""

    @property
    def drop(self) -> int:
        return self.down // 2


LARGE = Scale(width=190, height=58, across=16, down=40, columns=28)
SMALL = Scale(width=124, height=36, across=10, down=26, columns=17)


@dataclass(frozen=True)
class Pile:
    """What is not drawn one by one: how many, and how high the pile is."""

    x: int
    y: int
    count: int
    sheets: int
    drop: int = 0
    """How far above it its line begins; 0 when none leads there."""


@dataclass(frozen=True)
class Trunk:
    """The line from a post down to the rows of its children: from where, and at which heights how far to the right."""

    x: int
    y: int
    rows: Sequence[tuple[int, int]]


@dataclass
class Places:
    """Where everything stands; `drops` are the ends of lines that lead to a post, `below` its kind of line."""

    scale: Scale
    at: dict[int, tuple[int, int]] = field(default_factory=dict)
    piles: list[Pile] = field(default_factory=list)
    trunks: list[Trunk] = field(default_factory=list)
    drops: dict[int, int] = field(default_factory=dict)
    """By post, how far above it its own line begins."""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class _Block:
    """A post, or a pile where `post_id` is None, with what is under it, placed from its own corner."""

    post_id: int | None
    width: int
    height: int
    count: int = 0
    parts: Sequence[tuple[int, int, "_Block"]] = ()
    rows: Sequence[tuple[int, int]] = ()


def sheets_of(count: int) -> int:
    """One for up to ten, one more for each ten times as many."""
    return 1 + int(log10(max(1, count - 1)))


def lay_out(drawing: Drawing) -> Places:
    scale = LARGE if len(drawing.nodes) <= LARGE_AT_MOST else SMALL
    places = Places(scale)
    y = 0
    for number in range(len(drawing.rows) - 1, -1, -1):  # the farthest ancestors stand at the top
        y = _lay_row(drawing, places, number, y)
    block = _block(drawing, drawing.post.post_id, scale)
    _settle(block, places, 0, y)
    places.width = max([places.width, block.width])
    places.height = y + block.height
    return places


def _lay_row(drawing: Drawing, places: Places, number: int, y: int) -> int:
    scale, x = places.scale, 0
    row, more = drawing.rows[number], drawing.more_above.get(number, 0)
    for post_id in row:
        places.at[post_id] = (x, y)
        x += scale.width + scale.across
    if more:
        places.piles.append(Pile(x, y, more, sheets_of(more)))
        x += scale.width + SHEET * sheets_of(more) + scale.across
    places.width = max(places.width, x - scale.across)
    return y + scale.height + scale.down if row or more else y


def _block(drawing: Drawing, post_id: int, scale: Scale) -> _Block:
    below = [_block(drawing, child_id, scale) for child_id in drawing.below.get(post_id, ())]
    parents, leaves = [kid for kid in below if kid.parts], [kid for kid in below if not kid.parts]
    more = drawing.more.get(post_id, 0)
    pile = [_Block(None, scale.width + SHEET * sheets_of(more), scale.height + SHEET * sheets_of(more), count=more)]
    kids = [*parents, *leaves, *(pile if more else ())]
    if not kids:
        return _Block(post_id, scale.width, scale.height)
    if len(kids) == 1:
        (kid,) = kids
        top = scale.height + scale.down
        return _Block(post_id, max(scale.width, kid.width), top + kid.height, parts=[(0, top, kid)])
    return _rows(post_id, kids, scale)


def _rows(post_id: int, kids: Sequence[_Block], scale: Scale) -> _Block:
    """Blocks in rows, as wide as makes the whole smallest, and no strip."""
    area = sum((kid.width + scale.across) * (kid.height + scale.down) for kid in kids)
    least = max(2 * scale.width + scale.across, *(kid.width for kid in kids))
    limits = {max(least, int(sqrt(area) * factor)) for factor in _WIDTHS}
    return min((_stacked(post_id, _filled(kids, limit, scale), scale) for limit in sorted(limits)), key=_waste)


def _waste(block: _Block) -> float:
    shape = block.width / block.height / _ASPECT
    return block.width * block.height * sqrt(max(shape, 1 / shape))


def _filled(kids: Sequence[_Block], limit: int, scale: Scale) -> list[list[_Block]]:
    """The highest first, each in the first row that has room; a pile comes last."""
    rows: list[list[_Block]] = []
    widths: list[int] = []
    for kid in sorted(kids, key=lambda kid: (kid.post_id is None, -kid.height)):
        first = len(rows) - 1 if kid.post_id is None else 0
        fitting = (number for number in range(first, len(rows)) if widths[number] + kid.width <= limit)
        number = next(fitting, len(rows))
        if number == len(rows):
            rows.append([])
            widths.append(0)
        rows[number].append(kid)
        widths[number] += kid.width + scale.across
    return rows


def _stacked(post_id: int, rows: Sequence[Sequence[_Block]], scale: Scale) -> _Block:
    parts: list[tuple[int, int, _Block]] = []
    lines: list[tuple[int, int]] = []
    y, width = scale.height, scale.width
    for row in rows:
        x, y = _INDENT, y + scale.down
        for kid in row:
            parts.append((x, y, kid))
            x += kid.width + scale.across
        lines.append((y - scale.drop, parts[-1][0] + TRUNK))
        width = max(width, x - scale.across)
        y += max(kid.height for kid in row)
    return _Block(post_id, width, y, parts=parts, rows=lines)


def _settle(block: _Block, places: Places, x: int, y: int, *, drop: int = 0) -> None:
    scale = places.scale
    if block.post_id is None:
        places.piles.append(Pile(x, y, block.count, sheets_of(block.count), drop))
        return
    places.at[block.post_id] = (x, y)
    if block.rows:
        rows = [(y + down, x + right) for down, right in block.rows]
        places.trunks.append(Trunk(x + TRUNK, y + scale.height, rows))
    below = scale.drop if block.rows else scale.down
    for right, down, kid in block.parts:
        if kid.post_id is not None:
            places.drops[kid.post_id] = below
        _settle(kid, places, x + right, y + down, drop=below)
