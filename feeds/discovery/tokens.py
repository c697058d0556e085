"""What a text can be found by: words, tags, handles, and pairs of characters where a script has no spaces.

Pure. PostgreSQL's own parser takes a whole Chinese clause for one word, so the tokens are made here and stored as they
are. Indexed text and questions go through the same folding; they differ in what they make of a run of characters
without spaces: an index has each character and each neighbouring pair of it, a question asks for the pairs, or for the
one character that there is. So 雨夜 is found inside 雨夜城市, and not across the comma of 雨，夜.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LONGEST = 64  # characters of a token; what is longer is cut
ASKED_AT_MOST = 32  # tokens of a question; what comes after them is not asked
PARTED_AT_MOST = 12  # tokens of a question of which one part may be missing
# words that say nothing of what is looked for; asked only where there is nothing else
_EMPTY = frozenset({"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "he", "in", "is", "it"}) | {
    *("of", "on", "or", "she", "that", "the", "they", "this", "to", "was", "we", "with")
}

# scripts that are written without spaces, or, as Hangul, join words into one: Han, kana, Hangul, Thai, Lao, Khmer,
# Myanmar; with the marks of repetition and length that stand among them
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3005, 0x3007),
    (0x3040, 0x30FA),
    (0x30FC, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)
_NAME = re.compile(r"#\w{1,100}|@[a-z0-9_.]{2,30}")
_UNDECOMPOSED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_OWNED = re.compile(r"(?<=\w)['’ʼ]s\b")
_JOINERS = frozenset("'’ʼ\u200c\u200d")  # within a word they are passed over: don't


def folded(text: str) -> str:
    """One spelling for what looks the same: width and case folded, accents and possessives taken off."""
    plain = _OWNED.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    if plain.isascii():
        return plain
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", plain):
        if not (unicodedata.category(char) == "Mn" and kept and kept[-1].isascii() and kept[-1].isalpha()):
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_UNDECOMPOSED)


def tokens_of(text: str) -> list[str]:
    """All that a post can be found by, each once, in order of appearance."""
    plain = folded(text)
    found = [name[:LONGEST].rstrip(".") for name in _NAME.findall(plain)]
    for piece, is_unspaced in _pieces(plain):
        found += _grams(piece, single=True) if is_unspaced else [stemmed(piece)]
    return list(dict.fromkeys(found))


def tokens_of_name(name: str) -> list[str]:
    """All that a person, a cameo or a tag can be found by: the whole, its parts unstemmed, and `=` with the whole, by
    which an exact question is known."""
    plain = " ".join(folded(name).split())
    if not plain:
        return []
    found = [f"={plain}"[:LONGEST], plain[:LONGEST]]
    for piece, is_unspaced in _pieces(plain):
        found += _grams(piece, single=True) if is_unspaced else [piece]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Question:
    """What somebody looks for, as expressions of `tsquery`: `every` token, or `most` of them, where any one word, or
    one character of a script without spaces, may differ; None where that would leave nothing, or is too much to ask."""

    every: str
    most: str | None


def question(text: str) -> Question | None:
    """A question for posts; None when there is nothing in it to look for.

    #tags and @handles are asked for as such, the rest as words.
    """
    units = list(_units(folded(text)))
    units = [unit for unit in units if unit[0] not in _EMPTY] or units
    asked = list(dict.fromkeys(token for unit in units for token in unit))[:ASKED_AT_MOST]
    if not asked:
        return None
    return Question(_all(asked), _most(asked, units) if len(asked) <= PARTED_AT_MOST else None)


def _units(plain: str) -> Iterator[Sequence[str]]:
    """The tokens of each word; of each character of a run without spaces, the pairs that it is in."""
    end = 0
    for name in [*_NAME.finditer(plain), None]:
        for piece, is_unspaced in _pieces(plain[end : name.start() if name else None]):
            pairs = _grams(piece, single=False)
            if is_unspaced and len(piece) > 1:
                yield from (pairs[max(0, place - 1) : place + 1] for place in range(len(piece)))
            else:
                yield pairs if is_unspaced else [stemmed(piece)]
        if name:
            end = name.end()
            yield [name.group()[:LONGEST].rstrip(".")]


def _most(asked: Sequence[str], units: Sequence[Sequence[str]]) -> str | None:
    parts = dict.fromkeys(_all([token for token in asked if token not in unit]) for unit in units)
    return " | ".join(f"({part})" for part in parts if part) or None


@dataclass(frozen=True)
class NameQuestion:
    """A question for names, as expressions of `tsquery`: those that are `exactly` it, and those that `begin` so."""

    exactly: str
    begin: str


def name_question(text: str) -> NameQuestion | None:
    """A question for people, cameos or tags, as one types: the last word may be the beginning of one.

    None when there is nothing in it to look for.
    """
    plain = " ".join(folded(text).split()).lstrip("#@")
    pieces = list(_pieces(plain))
    if not pieces:
        return None
    parts: list[str] = []
    for place, (piece, is_unspaced) in enumerate(pieces):
        if is_unspaced:
            parts += map(_quoted, _grams(piece, single=False))
        else:
            is_last = place == len(pieces) - 1 and plain.endswith(piece[-1])
            parts.append(_quoted(piece) + (":*" if is_last else ""))
    worded = " & ".join(dict.fromkeys(parts[:ASKED_AT_MOST]))
    return NameQuestion(_quoted(f"={plain}"), f"{_quoted(plain)}:* | ({worded})")


def stemmed(word: str) -> str:
    """An English plural in the singular; other words as they are.

    The S-stemmer of Donna Harman, "How effective is suffixing?", JASIS 42 (1991): it joins what people expect to be
    one word, and hardly ever anything else.
    """
    if len(word) < 4 or not word.isascii() or not word.endswith("s"):
        return word
    if word.endswith("ies"):
        return word if word.endswith(("eies", "aies")) else word[:-3] + "y"
    if word.endswith("es"):
        return word if word.endswith(("aes", "ees", "oes")) else word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]


def _pieces(plain: str) -> Iterator[tuple[str, bool]]:
    """Words, runs of a script without spaces (with True), and pictographs, each of which is a word."""
    word: list[str] = []
    was_unspaced = False
    for place, char in enumerate(plain):
        kind = _kind(char)
        if kind == "joiner" and word and not was_unspaced and place + 1 < len(plain) and plain[place + 1].isalpha():
            continue
        if kind == "mark" and word:
            word.append(char)
            continue
        if word and (kind != "letter" or _is_unspaced(char) != was_unspaced):
            yield "".join(word)[: None if was_unspaced else LONGEST], was_unspaced
            word = []
        if kind == "letter":
            word.append(char)
            was_unspaced = _is_unspaced(char)
        elif kind == "pictograph":
            yield char, False
    if word:
        yield "".join(word)[: None if was_unspaced else LONGEST], was_unspaced


def _kind(char: str) -> str:
    category = unicodedata.category(char)
    if char in _JOINERS:
        return "joiner"
    if category[0] in "LN":
        return "letter"
    if category[0] == "M":
        return "mark"
    return "pictograph" if category == "So" else "gap"


def _is_unspaced(char: str) -> bool:
    point = ord(char)
    return point > 0xDFF and any(first <= point <= last for first, last in _UNSPACED)


def _grams(run: str, *, single: bool) -> list[str]:
    """The neighbouring pairs of a run; with `single` its characters, too. One character alone is itself."""
    pairs = [run[place : place + 2] for place in range(len(run) - 1)]
    return [*run, *pairs] if single or not pairs else pairs


def _all(tokens: Sequence[str]) -> str:
    return " & ".join(map(_quoted, tokens))


def _quoted(token: str) -> str:
    """A token as a literal of `tsquery`."""
    doubled = token[:LONGEST].replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
