"""How a lineage looks: SVG that needs nothing from anywhere, in the reader's own light, dark or bright.

All words of people go through `xml_text`. Kinds are told by the form of a line, by colour and by a word.
"""

from collections.abc import Callable, Iterator
from unicodedata import category, east_asian_width

from remix.drawing.choosing import Drawing
from remix.drawing.layout import LARGE, SHEET, TRUNK, Places
from remix.reading import Node
from remix.spelling import xml_text
from remix.walking import Link

LinkOf = Callable[[int], str]

_MARGIN = 24
_HEAD = 74  # what stands above the graph: two lines of words, and the legend
_TITLE_BYTES = 120  # of a caption, in a title
_VIA = "via"  # no edge of its own: what lies between is not shown
_WORDS = {
    "remix": "remix",
    "stitch": "stitch",
    "extend": "extend",
    "template": "template",
    _VIA: "over posts not shown",
}

_STYLE = """
.lineage{background:#fff;font:11px system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK SC",sans-serif}
.lineage .ground{fill:#fff}
.lineage text{fill:#1f2328}
.lineage .name{font-weight:600}
.lineage .faint,.lineage .dead text{fill:#59636e}
.lineage .head{font-size:16px;font-weight:600}
.lineage .box{fill:#f6f8fa;stroke-width:1.5}
.lineage path{fill:none;stroke-width:1.5}
.lineage .trunk,.lineage .none{stroke:#8c959f}
.lineage .remix{stroke:#0969da}
.lineage .stitch{stroke:#bc4c00;stroke-dasharray:7 3}
.lineage .extend{stroke:#1a7f37;stroke-dasharray:2 3}
.lineage .template{stroke:#8250df;stroke-dasharray:9 3 2 3}
.lineage .via{stroke:#8c959f;stroke-dasharray:1 4}
.lineage .second{opacity:.75}
.lineage .faintly{opacity:.3}
.lineage .asked .box{fill:#fff8c5;stroke:#9a6700;stroke-width:3;stroke-dasharray:none}
.lineage .dead .box{fill:none;stroke-opacity:.6}
.lineage .sheet{fill:#eaeef2;stroke:#8c959f}
.lineage a:hover .box{stroke-width:3}
.lineage a:focus-visible .box{stroke-width:4}
@media (prefers-color-scheme:dark){
.lineage{background:#0d1117}
.lineage .ground{fill:#0d1117}
.lineage text{fill:#f0f6fc}
.lineage .faint,.lineage .dead text{fill:#9198a1}
.lineage .box{fill:#161b22}
.lineage .remix{stroke:#4493f8}
.lineage .stitch{stroke:#f0883e}
.lineage .extend{stroke:#3fb950}
.lineage .template{stroke:#ab7df8}
.lineage .trunk,.lineage .none,.lineage .via,.lineage .sheet{stroke:#656c76}
.lineage .asked .box{fill:#3b2e00;stroke:#d29922}
.lineage .sheet{fill:#212830}
}
"""


def svg(drawing: Drawing, places: Places, *, link_of: LinkOf | None = None) -> bytes:
    """The picture as an SVG document; `link_of` gives the address that a post leads to, if it is to lead anywhere."""
    return "".join(_Canvas(drawing, places, link_of).parts()).encode()


class _Canvas:
    def __init__(self, drawing: Drawing, places: Places, link_of: LinkOf | None) -> None:
        self.drawing, self.places, self.link_of = drawing, places, link_of
        self.scale = places.scale
        self.kind_of = self._kinds()

    def _kinds(self) -> dict[int, str]:
        """By post that stands under another, the kind of the edge between the two."""
        under = {child: above for above, children in self.drawing.below.items() for child in children}
        found = {
            link.derivation_id: link.kind
            for link in self.drawing.links
            if under.get(link.derivation_id) == link.source_id
        }
        return {child: found.get(child, _VIA) for child in under}

    def parts(self) -> Iterator[str]:
        legend = list(self._legend())
        width = max(self.places.width, legend[-1][0], 6 * len(self._summary())) + 2 * _MARGIN
        height = self.places.height + _HEAD + 2 * _MARGIN
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="lineage" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="graphics-document" aria-labelledby="lineage-title lineage-words">\n'
            f'<title id="lineage-title">{self._headline()}</title>\n<style>{_STYLE}</style>\n'
            f'<rect class="ground" width="100%" height="100%"/>\n<g transform="translate({_MARGIN} {_MARGIN})">\n'
            f'<text class="head" y="14">{self._headline()}</text>\n'
            f'<text id="lineage-words" class="faint" y="34">{xml_text(self._summary())}</text>\n'
            f'<g transform="translate(0 48)">{"".join(shape for _, shape in legend)}</g>\n'
            f'<g transform="translate(0 {_HEAD})">\n'
        )
        yield from self._lines()
        for post_id, (x, y) in self.places.at.items():
            yield self._box(self.drawing.nodes[post_id], x, y)
        yield from self._piles()
        yield "</g></g></svg>\n"

    def _headline(self) -> str:
        post = self.drawing.post
        return f"Lineage of a post by @{xml_text(post.handle)}"

    def _summary(self) -> str:
        post, drawn = self.drawing.post, len(self.drawing.nodes) - 1
        words = f"{post.remixes:,} made directly of it, {post.descendants:,} in all."
        if not self.drawing.is_whole:
            words += f" {drawn:,} others are drawn, the most liked first; piles stand for the rest."
        return words

    def _legend(self) -> Iterator[tuple[int, str]]:
        """Samples of what there is in the picture: where each ends, and its shape."""
        kinds = {link.kind for link in self.drawing.links} | set(self.kind_of.values())
        x = 0
        for kind, word in _WORDS.items():
            if kind in kinds:
                shape = f'<path class="{kind}" d="M{x} 6h34"/><text x="{x + 40}" y="10">{word}</text>'
                x += 40 + 7 * len(word) + 20
                yield x, shape
        yield (
            x + 96,
            f'<g class="asked"><rect class="box" x="{x}" width="20" height="12" rx="3"/></g>'
            f'<text x="{x + 26}" y="10">this post</text>',
        )
        x += 96
        if any(not node.is_shown for node in self.drawing.nodes.values()):
            yield (
                x + 150,
                f'<g class="dead"><rect class="box none" x="{x}" width="20" height="12" rx="3"/></g>'
                f'<text x="{x + 26}" y="10">gone, its place stays</text>',
            )

    def _lines(self) -> Iterator[str]:
        for trunk in self.places.trunks:
            last = trunk.rows[-1][0]
            rows = "".join(f"M{trunk.x} {y}H{right}" for y, right in trunk.rows)
            yield f'<path class="trunk" d="M{trunk.x} {trunk.y}V{last}{rows}"/>\n'
        for post_id, height in self.places.drops.items():
            x, y = self.places.at[post_id]
            yield f'<path class="{self.kind_of[post_id]}" d="M{x + TRUNK} {y - height}v{height}"/>\n'
        under = {(above, child) for above, children in self.drawing.below.items() for child in children}
        for link in self.drawing.links:
            if (link.source_id, link.derivation_id) not in under:
                yield self._curve(link)
        yield from self._gaps()

    def _curve(self, link: Link) -> str:
        """An edge that is no line of the tree: between ancestors, or from a further source."""
        (x1, y1), (x2, y2) = self.places.at[link.source_id], self.places.at[link.derivation_id]
        down = self.scale.down
        if link.derivation_id in self.kind_of:  # below: from the right side of one box to the right side of the other
            right, half = self.scale.width, self.scale.height // 2
            x1, y1, x2, y2 = x1 + right, y1 + half, x2 + right, y2 + half
            bend = max(x1, x2) + down
            look = "second" if self.scale is LARGE else "faintly"
            return f'<path class="{link.kind} {look}" d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>\n'
        x1, y1, x2 = x1 + TRUNK, y1 + self.scale.height, x2 + TRUNK + 18 * min(link.ordinal, 4)
        label = f"{link.kind} {link.ordinal + 1}" if link.kind == "stitch" else link.kind
        path = f'<path class="{link.kind}" d="M{x1} {y1}C{x1} {y1 + down} {x2} {y2 - down} {x2} {y2}"/>'
        if y2 - y1 > 2 * down or self.scale is not LARGE:
            return f"{path}\n"
        return f'{path}<text class="faint" x="{x1 + 6}" y="{y1 + 14}">{label}</text>\n'

    def _gaps(self) -> Iterator[str]:
        """Where all that lies between a row of ancestors and the next below is not shown, or is a pile."""
        leading_on = {link.source_id for link in self.drawing.links}
        post = self.places.at[self.drawing.post.post_id]
        below = [post]
        for row in self.drawing.rows:
            for post_id in row:
                if post_id not in leading_on:
                    x, y = self.places.at[post_id]
                    yield f'<path class="{_VIA}" d="M{x + TRUNK} {y + self.scale.height}V{below[0][1]}"/>\n'
            below = [self.places.at[post_id] for post_id in row] or below

    def _box(self, node: Node, x: int, y: int) -> str:
        is_asked = node.post_id == self.drawing.post.post_id
        kind = self.kind_of.get(node.post_id) or node.kind or "none"
        look = " ".join(name for name, on in (("post", True), ("asked", is_asked), ("dead", not node.is_shown)) if on)
        shape = (
            f'<g class="{look}" transform="translate({x} {y})" '
            f'role="graphics-symbol"><title>{self._title(node)}</title>'
            f'<rect class="box {kind}" width="{self.scale.width}" height="{self.scale.height}" rx="6"/>'
            f"{''.join(self._words(node))}</g>"
        )
        if self.link_of is not None:
            shape = f'<a href="{xml_text(self.link_of(node.post_id))}" target="_top">{shape}</a>'
        return f"{shape}\n"

    def _title(self, node: Node) -> str:
        if not node.handle:
            return "A post that is gone"
        words = f"@{node.handle}, {node.kind or 'made of no other'}, {node.likes:,} likes"
        gone = "" if node.is_shown else ", gone"
        return xml_text(f"{words}{gone}{': ' if node.caption else ''}") + _short_title(node.caption)

    def _words(self, node: Node) -> Iterator[str]:
        if not node.handle:
            yield f'<text x="9" y="{22 if self.scale is LARGE else 16}">gone</text>'
            return
        columns = self.scale.columns
        figures = f"{node.kind or 'root'} · ♥ {node.likes:,}{'' if node.is_shown else ' · gone'}"
        lines = [("name", f"@{node.handle}")]
        if self.scale is LARGE:
            lines.append(("", node.caption))
        lines.append(("faint", figures))
        for number, (look, words) in enumerate(lines):
            y = (18 if self.scale is LARGE else 15) + number * (16 if self.scale is LARGE else 14)
            room = columns - columns // 5 if look == "name" else columns
            yield f'<text class="{look}" x="9" y="{y}">{xml_text(cut(words, room))}</text>'

    def _piles(self) -> Iterator[str]:
        width, height = self.scale.width, self.scale.height
        for pile in self.places.piles:
            sheets = "".join(
                f'<rect class="sheet" x="{out}" y="{out}" width="{width}" height="{height}" rx="6"/>'
                for out in range(SHEET * (pile.sheets - 1), -1, -SHEET)
            )
            words = f"{pile.count:,} more"
            if pile.drop:
                yield f'<path class="trunk" d="M{pile.x + TRUNK} {pile.y - pile.drop}v{pile.drop}"/>'
            yield (
                f'<g transform="translate({pile.x} {pile.y})" role="graphics-symbol"><title>{words}</title>{sheets}'
                f'<text class="name" x="9" y="{height // 2 + 4}">{words}</text></g>\n'
            )


def columns_of(character: str) -> int:
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1


def cut(text: str, columns: int) -> str:
    """As much of a text as has room in so many narrow characters, in one line."""
    line = " ".join(text.split())
    if sum(map(columns_of, line)) <= columns:
        return line[: 4 * columns]
    room, kept = columns - 1, ""
    for character in line[: 4 * columns]:
        room -= columns_of(character)
        if room < 0:
            break
        kept += character
    return f"{kept}…"


def _short_title(caption: str) -> str:
    """The beginning of a caption, so that its bytes are bounded, whatever they are."""
    kept: list[str] = []
    size = 0
    for character in " ".join(caption.split()):
        written = xml_text(character)
        size += len(written.encode())
        if size > _TITLE_BYTES:
            return "".join(kept) + "…"
        kept.append(written)
    return "".join(kept)
