"""The ways in which a name may be hidden in a text: what `memorials` looks up for a text or for a whole name.

Names are compared in one form (`names.normal_name`). Here a text is read again without invisible characters, with
them as spaces, with masks taken off (l e t t e r s apart, d1g1ts for letters), run together, and with two words
swapped.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from cameos.names import names_in, normal_name
from sora_social.core.wording import Text

SHORTEST_JOINED = 5  # letters of a name of several words that is known when it is run together
_SHORTEST_APART = 7  # letters of words that may be such a name torn apart: below, everyday words would meet
_LONGEST = 100  # as the registry keeps them
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5"  # letters and marks that show nothing
_LEET = re.compile(r"[^\W_](?:[^\W_]|[@$!|](?=[^\W_]))+")
_DIGITS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i"}
_LETTERS = tuple(str.maketrans({**_DIGITS, "1": one, "|": one}) for one in "il")


@dataclass
class Keys:
    """What to look up: names as they are kept, and names of several words without the spaces between them."""

    names: set[str] = field(default_factory=set)
    joined: set[str] = field(default_factory=set)

    def add(self, name: str) -> None:
        words = name.split(" ")
        if len(words) == 2:
            self.names.add(f"{words[1]} {words[0]}")
        whole = "".join(words)
        if len(whole) >= (SHORTEST_JOINED if len(words) == 1 else _SHORTEST_APART):
            self.joined.add(whole)
        self.names.add(name)


def keys_in(texts: Iterable[str]) -> Keys:
    """For whatever in these texts may be a name."""
    found = Keys()
    seen: set[str] = set()
    for text in texts:
        for reading in _readings(text):
            fresh = names_in([reading]) - seen
            seen |= fresh
            for name in fresh:
                if len(name) <= _LONGEST:
                    found.add(name)
    return found


def keys_of(text: str) -> Keys:
    """For a text that is a name as a whole: a handle, a display name."""
    found = Keys()
    for one in (text, text.replace("_", " ").replace(".", " ")):
        for reading in _readings(one):
            if name := normal_name(reading):
                found.add(name)
    return found


def _readings(text: str) -> Iterator[str]:
    """The text without what cannot be seen; and, where they differ, with spaces for it and with masks taken off."""
    visible = "".join(char for char in text if not _is_invisible(char))
    unmasked = Text(visible).unmasked
    readings = [visible]
    if visible != text:
        readings.append("".join(" " if _is_invisible(char) else char for char in text))
    if unmasked is not None:
        readings.append(unmasked.plain)
    for each in tuple(readings):
        readings += [_LEET.sub(partial(_unleet, letters=letters), each) for letters in _LETTERS]
    yield from dict.fromkeys(readings)


def _unleet(word: "re.Match[str]", letters: dict[int, str]) -> str:
    """A word of at least three characters, not all of them digits, with letters for its digits."""
    raw = word.group()
    return raw.translate(letters) if len(raw) > 2 and not raw.isdecimal() else raw


def _is_invisible(char: str) -> bool:
    if char < "\x7f":
        return char < " " and not char.isspace()
    return char in _FILLERS or "\ufe00" <= char <= "\ufe0f" or unicodedata.category(char) in {"Cf", "Cc"}
