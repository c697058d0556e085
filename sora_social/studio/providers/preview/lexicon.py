"""A lexicon: words that call for ideas, found in running text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """A word found: where, and which idea it calls for."""

    start: int
    end: int
    idea: str
    word: str


class Lexicon:
    """Words by idea, separated by bars; the first idea that claims a word keeps it, a longer word beats a shorter.

    Words of the empty idea mean nothing here; they keep shorter words inside them from being found.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._ideas = {word: idea for idea, words in reversed(list(table.items())) for word in words.split("|")}
        longest_first = sorted(self._ideas, key=len, reverse=True)
        english = "|".join(re.escape(word) for word in longest_first if word[0].isascii())
        other = "|".join(word for word in longest_first if not word[0].isascii())
        # Not \b: a Latin word or a digit that touches a Chinese character still stands alone.
        self._pattern = re.compile(rf"(?<![a-z0-9])(?:{english})(?![a-z0-9])" + (f"|(?:{other})" if other else ""))

    def hits(self, words: str) -> Iterator[Hit]:
        for match in self._pattern.finditer(words):
            if idea := self._ideas[match.group()]:
                yield Hit(match.start(), match.end(), idea, match.group())

    def ideas(self, words: str, *, unwanted: str = "") -> tuple[str, ...]:
        """The ideas found in a text, in its order, each once, without those found in `unwanted`."""
        refused = {hit.idea for hit in self.hits(unwanted)} if unwanted else set()
        return tuple(dict.fromkeys(hit.idea for hit in self.hits(words) if hit.idea not in refused))
