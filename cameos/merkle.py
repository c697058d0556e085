"""The Merkle tree over the heads of all ledgers, ordered by cameo; hashed as RFC 6962 section 2.1 has it."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(cameo_id: int, seq: int, head: bytes) -> bytes:
    """Of 8 bytes of cameo, 8 bytes of number (both big-endian), and the 32 bytes of the record's hash."""
    return hashlib.sha256(b"\x00" + cameo_id.to_bytes(8, "big") + seq.to_bytes(8, "big") + head).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class HeadTree:
    """Heads by cameo, and their root. A changed head, or one of a newer cameo, costs the depth of the tree.

    `levels[0]` are the leaves; a node without a neighbour goes up as it is, which is RFC 6962's split at the largest
    power of two.
    """

    def __init__(self) -> None:
        self.heads: dict[int, tuple[int, bytes]] = {}
        self._order: list[int] = []
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._order)

    def fill(self, heads: Iterable[tuple[int, int, bytes]]) -> None:
        """Begin with many heads at once."""
        self.heads = {cameo_id: (seq, head) for cameo_id, seq, head in sorted(heads)}
        self._order = list(self.heads)
        self._levels = [[leaf_hash(cameo_id, *place) for cameo_id, place in self.heads.items()]]
        self._build()

    def put(self, cameo_id: int, seq: int, head: bytes) -> None:
        leaf = leaf_hash(cameo_id, seq, head)
        place = bisect_left(self._order, cameo_id)
        if cameo_id in self.heads:
            self._levels[0][place] = leaf
            self._climb(place)
        else:
            self._order.insert(place, cameo_id)
            self._levels[0].insert(place, leaf)
            if place == len(self._order) - 1:
                self._climb(place)
            else:
                self._build()
        self.heads[cameo_id] = (seq, head)

    def remove(self, cameo_id: int) -> None:
        """Raises KeyError."""
        del self.heads[cameo_id]
        place = bisect_left(self._order, cameo_id)
        del self._order[place], self._levels[0][place]
        self._build()

    @property
    def root(self) -> bytes:
        return self._levels[-1][0] if self._order else EMPTY

    def proof(self, cameo_id: int) -> tuple[int, list[bytes]]:
        """The place of a cameo's leaf, and its audit path from the bottom up. Raises KeyError."""
        if cameo_id not in self.heads:
            raise KeyError(cameo_id)
        index = place = bisect_left(self._order, cameo_id)
        path = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                path.append(level[index ^ 1])
            index //= 2
        return place, path

    def _climb(self, index: int) -> None:
        depth = 0
        while len(self._levels[depth]) > 1:
            index //= 2
            if depth + 1 == len(self._levels):
                self._levels.append([])
            above = self._levels[depth + 1]
            node = _pair(self._levels[depth], index)
            if index == len(above):
                above.append(node)
            else:
                above[index] = node
            depth += 1

    def _build(self) -> None:
        self._levels = [self._levels[0]]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([_pair(below, index) for index in range((len(below) + 1) // 2)])


def _pair(level: Sequence[bytes], index: int) -> bytes:
    pair = level[2 * index : 2 * index + 2]
    return node_hash(*pair) if len(pair) == 2 else pair[0]


def tree_of(heads: Iterable[tuple[int, int, bytes]]) -> HeadTree:
    """From (cameo, number, hash), in any order."""
    tree = HeadTree()
    tree.fill(heads)
    return tree
