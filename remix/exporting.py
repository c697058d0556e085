"""A lineage as a file: all of it, however large, in the memory of one page.

Nodes first, then edges, each by a walk of its own. What a viewer may see is asked anew for each page, so what was
taken back while the file is made is not in the pages that follow; an edge may then name a post that is in no node.
The stream gives its connection back to the database before it hands on what it read: who reads slowly holds nothing.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol, Self
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.db import connection

from remix import reading
from remix.lineage import ancestor_ids
from remix.reading import Node, Sight, ViewerSight
from remix.spelling import xml_text
from remix.walking import Link, paths_up
from sora_social.accounts.models import User
from sora_social.core.errors import NotFound, Unavailable
from sora_social.core.problems import encode

CHUNK = 256 * 1024
ANCESTORS_AT_MOST = 1_000
AT_ONCE = 2  # in one process, or one more where two begin in the same moment: each keeps a thread for its reader
_under_way: "set[Export]" = set()


class Format(Protocol):
    """How a lineage is written down: four parts in this order, nodes and edges as often as there are pages."""

    def head(self, post_id: int) -> bytes: ...
    def nodes(self, nodes: Sequence[tuple[Node, str]]) -> bytes: ...
    def between(self) -> bytes: ...
    def edges(self, edges: Sequence[Link]) -> bytes: ...
    def tail(self) -> bytes: ...


def export(viewer: User, post_id: int, *, form: Format) -> "Export":
    """A post with its ancestors (at most 1,000) and all that came of it, as bytes to be streamed.

    A node is what `lineage_of` and `tree_of` show: posts that `viewer` may know of, with tombstones, which have no
    face. Between nodes are all edges, in the places that sources have, but below for those that were hidden or
    detached. Raises NotFound, and Unavailable while this process makes as many as it can.
    """
    opened = ViewerSight(viewer).opened(post_id)
    if opened is None:
        raise NotFound
    if sum(not other.is_late for other in list(_under_way)) >= AT_ONCE:
        raise Unavailable("Other exports are being made; try again in a moment.", retry_after=30)
    return Export(_parts(ViewerSight(viewer), opened, form))


class Export:
    """The bytes of an export. Closing it, whenever, ends the work; the server does when the reader has gone.

    What the database refuses ends the stream in the middle: a JSON document or an XML one that is not closed.
    """

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = _buffered(parts)
        self._until = time.monotonic() + settings.EXPORT_SECONDS
        self._is_closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        _under_way.add(self)
        if self._is_closed:
            self.close()
            raise StopIteration
        if self.is_late:
            self.close()
            raise TimeoutError("an export took longer than EXPORT_SECONDS")
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise
        finally:
            if not connection.in_atomic_block:  # nobody's transaction: the next page takes a connection of its own
                connection.close()

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._until

    def close(self) -> None:
        """Also while another thread reads the next page, which is the last one then: pages hold nothing to be freed."""
        self._is_closed = True
        _under_way.discard(self)


def _buffered(parts: Iterator[bytes]) -> Generator[bytes]:
    """The same bytes in pieces that are worth a connection."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= CHUNK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _parts(sight: Sight, opened: Node, form: Format) -> Iterator[bytes]:
    post_id = opened.post_id
    above = sight.upper(ancestor_ids(post_id, at_most=ANCESTORS_AT_MOST))
    yield form.head(post_id)
    upper = [(above[pk], "ancestor") for pk in sorted(above)]
    yield form.nodes([*upper, (opened, "post")])
    for steps in reading.steps_below(post_id):
        below = sight.lower([step.post_id for step in steps])
        yield form.nodes([(below[step.post_id], "descendant") for step in steps if step.post_id in below])
    yield form.between()
    heads = {*above, post_id}
    yield form.edges([link for link in reading.links_into(sorted(heads), shown_below=False) if link.source_id in heads])
    for steps in reading.steps_below(post_id):
        yield form.edges(_edges_into(sight, post_id, heads, [step.post_id for step in steps]))
    yield form.tail()


def _edges_into(sight: Sight, top_id: int, heads: set[int], post_ids: Sequence[int]) -> list[Link]:
    """The edges to these posts of the tree, from whatever else is in the export."""
    links = reading.links_into(post_ids, shown_below=True)
    others = {link.source_id for link in links if link.ordinal} - heads
    inside = heads | (paths_up(others, top_id).keys() & others) | {link.source_id for link in links if not link.ordinal}
    links = [link for link in links if link.source_id in inside]
    ends = {end for link in links for end in (link.source_id, link.derivation_id)} - heads
    known = heads | sight.lower(sorted(ends)).keys()
    return [link for link in links if link.source_id in known and link.derivation_id in known]


class JsonFormat:
    """`{"post_id": …, "nodes": […], "edges": […]}`"""

    def __init__(self) -> None:
        self._comma = b""

    def head(self, post_id: int) -> bytes:
        return b'{"post_id":"%d","nodes":[' % post_id

    def nodes(self, nodes: Sequence[tuple[Node, str]]) -> bytes:
        return self._listed([encode(node_shape(node, relation)) for node, relation in nodes])

    def between(self) -> bytes:
        self._comma = b""
        return b'],"edges":['

    def edges(self, edges: Sequence[Link]) -> bytes:
        return self._listed([encode(edge_shape(link)) for link in edges])

    def tail(self) -> bytes:
        return b"]}"

    def _listed(self, items: Sequence[bytes]) -> bytes:
        if not items:
            return b""
        comma, self._comma = self._comma, b","
        return comma + b",".join(items)


def node_shape(node: Node, relation: str) -> dict[str, Any]:
    """A node as JSON has it; of a tombstone there is the id, and where it stands."""
    shown = node.is_shown
    return {
        "post_id": str(node.post_id),
        "relation": relation,
        "is_tombstone": not shown,
        "author": node.handle if shown else None,
        "co_creators": list(node.co_creators) if shown else None,
        "caption": node.caption if shown else None,
        "created_at": node.created_at if shown else None,
        "kind": (node.kind or None) if shown else None,
        "template": node.template or None,
        "likes": node.likes if shown else None,
        "remixes": node.remixes if shown else None,
        "descendants": node.descendants if shown else None,
    }


def edge_shape(link: Link) -> dict[str, Any]:
    return {
        "source": str(link.source_id),
        "target": str(link.derivation_id),
        "kind": link.kind,
        "ordinal": link.ordinal,
    }


_KEYS = (
    ("node", "relation", "string"),
    ("node", "is_tombstone", "boolean"),
    ("node", "author", "string"),
    ("node", "co_creators", "string"),
    ("node", "caption", "string"),
    ("node", "created_at", "string"),
    ("node", "kind", "string"),
    ("node", "template", "string"),
    ("node", "likes", "int"),
    ("node", "remixes", "int"),
    ("node", "descendants", "int"),
    ("edge", "kind", "string"),
    ("edge", "ordinal", "int"),
)


class GraphmlFormat:
    """GraphML 1.0: edges lead from what was taken to what was made of it."""

    def head(self, post_id: int) -> bytes:
        keys = "".join(
            f'<key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>\n' for of, name, kind in _KEYS
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns '
            'http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
            f'{keys}<graph id="lineage-{post_id}" edgedefault="directed">\n'
        ).encode()

    def nodes(self, nodes: Sequence[tuple[Node, str]]) -> bytes:
        return "".join(
            f'<node id="{node.post_id}">{_data("node", node_shape(node, relation))}</node>\n'
            for node, relation in nodes
        ).encode()

    def between(self) -> bytes:
        return b""

    def edges(self, edges: Sequence[Link]) -> bytes:
        return "".join(
            f'<edge source="{link.source_id}" target="{link.derivation_id}">{_data("edge", edge_shape(link))}</edge>\n'
            for link in edges
        ).encode()

    def tail(self) -> bytes:
        return b"</graph>\n</graphml>\n"


def _data(of: str, shape: dict[str, Any]) -> str:
    named = ((name, shape[name]) for part, name, _ in _KEYS if part == of)
    return "".join(
        f"<data key={quoteattr(f'{of}_{name}')}>{_xml(value)}</data>"
        for name, value in named
        if value is not None and value != []
    )


def _xml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    return xml_text(encode(value).decode().strip('"') if isinstance(value, datetime) else str(value))
