"""Names in the one form in which they are kept and compared, and what in a text may be one."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from sora_social.core import wording

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
_PLAIN_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_UNSPACED = "々ぁ-ゖゝ-ゟァ-ヺー-ヿ㐀-䶿一-鿿가-힣"
_RUN_OR_WORD = re.compile(rf"(?P<run>[{_UNSPACED}]+)|[^\W_{_UNSPACED}]+")
_LONGEST_NAME = 5  # words
_CJK_NAME = range(2, 9)  # characters


def _name_parts(text: str) -> list[tuple[str, bool]]:
    """The words and unspaced runs of a text as names are compared, in order; True for a run."""
    composed = "".join(unicodedata.normalize("NFKC", char)[: wording.EXPANDED_AT_MOST] for char in text)
    visible = "".join(char for char in composed.translate(_APOSTROPHES) if unicodedata.category(char) != "Cf")
    apart = unicodedata.normalize("NFD", visible.casefold())
    bare = "".join(char for char in apart if not _is_accent(char))
    plain = unicodedata.normalize("NFKC", bare).translate(_PLAIN_LETTERS).translate(wording.LOOKALIKES)
    plain = re.sub(r"'s(?!\w)", "", plain).replace("'", "")
    return [(part.group(), part.group("run") is not None) for part in _RUN_OR_WORD.finditer(plain)]


def _is_accent(char: str) -> bool:
    return "̀" <= char <= "ͯ" or "᪰" <= char <= "᫿" or "᷀" <= char <= "᷿"


def normal_name(name: str) -> str:
    """A name as the registry keeps and compares it: plain lower-case letters, words one space apart, no possessive 's.

    Chinese, Japanese and Korean parts are written together, whatever dot or space stood between them. `names_in` finds
    names of up to 5 words, or of 2 to 8 such characters; other ones, and mixtures of both, need an alias.
    """
    return _joined(_name_parts(name))


def _joined(parts: Iterable[tuple[str, bool]]) -> str:
    told = ""
    ran = True
    for part, is_run in parts:
        told += part if not told or (is_run and ran) else f" {part}"
        ran = is_run
    return told


def names_in(texts: Iterable[str]) -> set[str]:
    """Whatever in these texts may be a name, normalised: 1 to 5 words on end, 2 to 8 unspaced characters on end.

    At most 5 for each word and 7 for each unspaced character: some 14,000 for 2,000 Chinese characters without a pause.
    """
    found: set[str] = set()
    for text in texts:
        words: list[str] = []
        run = ""
        for part, is_run in (*_name_parts(text), ("", False), ("", True)):
            if is_run:
                run += part
                found.update(_spans_of_words(words))
                words = []
            else:
                found.update(run[at : at + size] for size in _CJK_NAME for at in range(len(run) - size + 1))
                run = ""
                words.append(part)
    found.discard("")
    return found


def _spans_of_words(words: Sequence[str]) -> Iterator[str]:
    for size in range(1, _LONGEST_NAME + 1):
        for at in range(len(words) - size + 1):
            yield " ".join(words[at : at + size]).strip()
