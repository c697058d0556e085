"""Reading what people wrote as rules read it: folded to plain letters, with every hit traced back to the raw text.

Rules are words: regular expressions, in English as whole words, in Chinese anywhere. A text is read twice. First
plainly: letters that only look alike, invisible marks, width and case are seen through. Then, only where it is masked
(l e t t e r s apart, dots within w.o.r.ds, d1g1ts for letters, lettttters drawn out), with the mask taken off: a word
counts there only where it touches what was masked, so the second reading finds nothing in what is plainly written.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

LOOKALIKES = str.maketrans("аеорсхуіѕԁһјӏ", "aeopcxyisdhjl")  # Cyrillic letters that pass for Latin ones
EXPANDED_AT_MOST = 4
_WHOLE = r"(?<![a-z])(?:{})(?![a-z])"


def folded(text: str) -> tuple[str, list[int]]:
    """The text as rules read it, and for each of its characters the place in the original.

    One character is read as four at most: some ligatures stand for whole sentences, and a text grows fourfold at most.
    """
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plainly = unicodedata.normalize("NFKD", char).casefold().translate(LOOKALIKES)
        for plain in plainly[:EXPANDED_AT_MOST]:
            if unicodedata.category(plain) in {"Cf", "Mn", "Cc"} and not plain.isspace():
                continue
            kept.append(" " if plain.isspace() or plain == "_" else plain)
            places.append(place)
    return "".join(kept), places


def pattern(english: Sequence[str], chinese: Sequence[str]) -> "re.Pattern[str]":
    """One expression for alternatives in English, as whole words, and in Chinese, anywhere."""
    return re.compile("|".join(filter(None, (_WHOLE.format("|".join(english)) if english else "", *chinese))))


@dataclass(frozen=True)
class Reading:
    """One way to read a text: `plain` is what rules see, `places[i]` where its character i stands in the raw text."""

    plain: str
    places: Sequence[int]
    masked: Sequence[bool] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a hit stands in the raw text, in characters, end excluded."""
        return self.places[start], self.places[end - 1] + 1


@dataclass(frozen=True)
class Hit:
    """Words found: where in the raw text, end excluded, and what stands before them as rules read it."""

    start: int
    end: int
    before: str


_BEFORE = 24  # characters of what stands before a hit: enough for "without any", "not a", 没有任何
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_SPELLED = re.compile(r"(?<![a-z0-9])[a-z0-9@$](?:(?:[^\w\s]\s?|\s)[a-z0-9@$!]){2,}(?![a-z0-9])")
_BROKEN = re.compile(r"(?<=[a-z0-9])[^\w\s'’!@$&%]{1,2}(?=[a-z0-9])")
_BROKEN_HAN = re.compile(rf"(?<=[{_HAN}])[\s.\-*~|/·•+…#^='\"]{{1,2}}(?=[{_HAN}])")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DIGITS = {"i": "1!|", "l": "1|", "o": "0", "e": "3", "a": "4@", "s": "5$", "t": "7", "b": "8", "g": "9", "z": "2"}
_DIGIT = re.compile(r"(?<![0-9@$!|])[0-9@$!|]+(?=[a-z])|(?<=[a-z])[0-9@$!|]+(?=[a-z0-9])|(?<=[a-z])[0-9@$]+")


@dataclass(frozen=True)
class Text:
    """A raw text, folded once for all the rules that read it."""

    raw: str

    @cached_property
    def plainly(self) -> Reading:
        return Reading(*folded(self.raw))

    @cached_property
    def unmasked(self) -> Reading | None:
        """The text with what hides words taken off, or None where nothing hides any."""
        plain, places = self.plainly.plain, self.plainly.places
        dropped: set[int] = set()
        marked: set[int] = set()
        for spelled in _SPELLED.finditer(plain):
            inside = range(*spelled.span())
            marked.update(inside)
            dropped.update(at for at in inside if not plain[at].isalnum() and plain[at] not in "@$!")
        for broken in (*_BROKEN.finditer(plain), *_BROKEN_HAN.finditer(plain)):
            dropped.update(range(*broken.span()))
            marked.update((broken.start() - 1, broken.end()))
        kept = [at for at in range(len(plain)) if at not in dropped]
        joined = "".join(plain[at] for at in kept)
        masked = [at in marked for at in kept]
        dropped = set()
        for drawn in _DRAWN_OUT.finditer(joined):  # its first and its last letter stay, so that a span has all of it
            dropped.update(range(drawn.start() + 1, drawn.end() - 1))
            masked[drawn.start()] = masked[drawn.end() - 1] = True
        for digits in _DIGIT.finditer(joined):
            masked[digits.start() : digits.end()] = [True] * (digits.end() - digits.start())
        if not any(masked):
            return None
        left = [at for at in range(len(joined)) if at not in dropped]
        return Reading(
            "".join(joined[at] for at in left), [places[kept[at]] for at in left], [masked[at] for at in left]
        )


@dataclass(frozen=True)
class Vocabulary:
    """Words to look for. A space stands for any gap between two words: space, hyphen, line."""

    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()

    @cached_property
    def _plainly(self) -> "re.Pattern[str]":
        return pattern([_gapped(part) for part in self.english], self.chinese)

    @cached_property
    def _unmasked(self) -> "re.Pattern[str]":
        return pattern([_gapped(part, loosely=True) for part in self.english], self.chinese)

    def found_in(self, text: Text) -> list[Hit]:
        """Every place where the words stand, first come first, none overlapping another."""
        hits = list(_hits(self._plainly.finditer(text.plainly.plain), text.plainly))
        reading = text.unmasked
        if reading is not None:
            seen = (
                found
                for found in self._unmasked.finditer(reading.plain)
                if any(reading.masked[found.start() : found.end()]) and sum(map(str.isalpha, found.group())) > 1
            )
            hits += apart_from(_hits(seen, reading), hits)
        return sorted(hits, key=lambda hit: hit.start)


def _hits(found: Iterable["re.Match[str]"], reading: Reading) -> Iterable[Hit]:
    for match in found:
        if match.group():
            start, end = match.span()
            yield Hit(*reading.span(start, end), before=reading.plain[max(0, start - _BEFORE) : start])


def apart_from(hits: Iterable[Hit], others: Iterable[Hit]) -> list[Hit]:
    """Those hits that overlap none of the others."""
    taken = {place for other in others for place in range(other.start, other.end)}
    return [hit for hit in hits if taken.isdisjoint(range(hit.start, hit.end))]


_PIECE = re.compile(
    r"(?P<behind>\(\?<[!=][^)]*\))|(?P<word>\\w\+)|(?P<kept>\\.|\[[^\]]*\])|"
    r"(?P<letter>[a-z])(?P<maybe>\?)?| (?P<none>\?)?"
)
_ANY_WORD = r"\w{1,24}"  # bounded: a text made of one endless word would be read once from each of its letters
_ANY_WORD_LOOSELY = r"[^\W\d]\w{0,23}"  # where words run together, a row of digits is cut into words in too many ways


def _gapped(part: str, *, loosely: bool = False) -> str:
    """An expression with its spaces read as gaps; loosely, it also takes digits for letters, letters doubled, and
    words run together."""

    def piece(found: "re.Match[str]") -> str:
        if found["behind"]:
            return found["behind"].replace(" ", r"\W")
        if found["word"]:
            return _ANY_WORD_LOOSELY if loosely else _ANY_WORD
        if found["kept"]:
            return found["kept"]
        letter = found["letter"]
        if letter is None:
            return r"\W{0,3}" if loosely or found["none"] else r"\W{1,3}"
        if loosely:
            return f"[{letter}{_DIGITS.get(letter, '')}]{{{0 if found['maybe'] else 1},2}}"
        return found.group()

    return _PIECE.sub(piece, part)


# The languages a text may be in, by its script and its most common words.

_SCRIPTS: tuple[tuple[str, "re.Pattern[str]", frozenset[str]], ...] = tuple(
    (name, re.compile(f"[{letters}]"), frozenset(codes.split()))
    for name, letters, codes in (
        ("kana", "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f", "ja"),
        ("han", "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff", "zh ja"),
        ("hangul", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3", "ko"),
        ("cyrillic", "\u0400-\u052f", "ru uk be bg sr mk bs kk ky mn tg tt uz az ba ce cv cu kv av os ab tk"),
        (
            "arabic",
            "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
            "ar fa ur ps ug ku sd ks az ms",
        ),
        ("greek", "\u0370-\u03ff\u1f00-\u1fff", "el"),
        ("hebrew", "\u0590-\u05ff", "he yi"),
        ("thai", "\u0e00-\u0e7f", "th"),
        ("devanagari", "\u0900-\u097f", "hi mr ne sa ks sd"),
    )
)
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_COMMONEST: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split())
    for code, words in {
        "en": "the and is are was of to with from that this they his her she you it at on for by an as into while "
        "a in under over through near no not but so if has have had will can my your our we me him them who "
        "what when then there be good hello let let's don't i'm it's i",
        "es": "el los las y una un en con por para pero está que del al es su muy se mientras como hay ella yo de "
        "la te tu mi lo le sí bajo sobre buenos buenas días hola gracias señor todo",
        "fr": "le les des et une un dans avec pour mais est sur qui du au ne pas elle il vous je en de la ce sous "
        "tu cette c'est d'un d'une l'on on bonjour comment merci nous chez aux son sa",
        "de": "der die das und ist ein eine einen mit auf für nicht im den dem von zu sie er ich wir aus wird des "
        "guten wie geht es dir hallo danke unter einem einer über durch am wenn aber was mein dein ihr",
        "pt": "o os as e uma um em com por para mas está que do da no na é não ele ela eu você de ao seu sua me "
        "meu minha obrigado bom dia sob sobre",
        "it": "il lo gli e una un in con per ma è che di del della nel non lei lui io sono la le i da suo alla a "
        "sotto uno mi ti ciao come grazie buongiorno molto ed",
        "nl": "de het een en is in met op voor niet van dat die zij hij ik wij aan naar uit te er maar ze hallo "
        "hoe gaat jij mijn over door onder bij als",
        "ro": "și o un în cu pe la de că este nu care din pentru sunt mai lui ei se al ale a",
        "sv": "och en ett är i på med som inte för av det den han hon jag vi till från ut om under",
        "da": "og en et er i på med som ikke for af det den han hun jeg vi til fra ud om under",
        "pl": "i w na z nie się jest że do to jak o po za przez ale dla od ona on",
        "id": "dan yang di ke dengan untuk dari ini itu tidak adalah pada saya dia kamu sebuah seorang",
        "tr": "ve bir bu ile için de da değil var çok ben sen o gibi ama ne mi olan",
    }.items()
}
_NEAR = {  # those that share most of their common words are not told apart
    "es": "es gl ca an", "fr": "fr oc wa", "de": "de lb", "pt": "pt gl", "it": "it co sc", "nl": "nl af li fy",
    "sv": "sv no nb nn da", "da": "da no nb nn sv", "id": "id ms jv su", "pl": "pl", "en": "en", "ro": "ro",
    "tr": "tr az tk",
}  # fmt: skip
_RECOGNISED = frozenset(" ".join(_NEAR.values()).split()).union(*(codes for _, _, codes in _SCRIPTS))
_ONLY_CHINESE = re.compile("[们們这這吗嗎呢吧么麼很哪您她你没沒说說让讓给給]|一个|正在|的[人猫狗]")
_RUSSIAN_LETTERS = re.compile("[ыэъ]", re.IGNORECASE)
_RUSSIAN_WORDS = re.compile(r"\b(?:что|это|как|она|его|был|была|они|для|или|когда|только|уже|меня)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PLAIN_MAJORITY = 0.7
_ENOUGH_KANA = 0.15
_SHORT = 8  # words: a shorter text needs two common words of a language, a longer one three
_AHEAD = 1.5  # how much more of them than of any other language


def words_of(text: str) -> list["re.Match[str]"]:
    """The words of a raw text with their places; scripts without spaces give whole runs."""
    return list(_WORD.finditer(text))


def word_count(text: str) -> float:
    """How many words, about: two Chinese or Japanese characters, and four Thai ones, count for one."""
    return sum(_weights(text).values())


def _weights(text: str) -> dict[str, float]:
    """How many words each script has in the text."""
    weights: dict[str, float] = {}
    for word in _WORD.finditer(text):
        letters = word.group()
        rest = len(letters)
        for name, script, _ in _SCRIPTS:
            count = len(script.findall(letters))
            if count:
                rest -= count
                share = {"kana": count / 2, "han": count / 2, "thai": count / 4}.get(name, count / len(letters))
                weights[name] = weights.get(name, 0.0) + share
        if rest:
            name = "latin" if _LATIN.search(letters.casefold()) else "other"
            weights[name] = weights.get(name, 0.0) + rest / len(letters)
    return weights


def is_written_in(text: str, allowed: Collection[str]) -> bool | None:
    """Whether a raw text may be in one of these languages (ISO 639-1); None when that cannot be told.

    Among Latin letters nothing is denied while a language is allowed whose common words are not listed here.
    """
    possible = languages_of(text)
    if not possible:
        return None
    if not possible.isdisjoint(allowed):
        return True
    return None if _script_of(text) == "latin" and not _RECOGNISED.issuperset(allowed) else False


def _script_of(text: str) -> str:
    """The script that most words of a text are in, kana for Japanese; empty without a clear majority."""
    weights = _weights(text)
    total = sum(weights.values())
    kana = weights.pop("kana", 0.0)
    japanese = kana + weights.get("han", 0.0)
    if kana and japanese >= _PLAIN_MAJORITY * total and kana >= _ENOUGH_KANA * japanese:
        return "kana"
    leading = max(weights, key=lambda name: weights[name], default="")
    return leading if leading and weights[leading] >= _PLAIN_MAJORITY * total else ""


def languages_of(text: str) -> frozenset[str]:
    """The languages (ISO 639-1) that a raw text is certainly one of; empty when that cannot be told.

    Told for scripts that few languages share, and among Latin letters for the languages whose common words are listed.
    A text of several scripts, none of them with a clear majority, is not told.
    """
    leading = _script_of(text)
    if leading == "latin":
        return _by_common_words(text)
    if leading == "han" and _ONLY_CHINESE.search(text):
        return frozenset({"zh"})
    if leading == "cyrillic" and _RUSSIAN_LETTERS.search(text) and _RUSSIAN_WORDS.search(text):
        return frozenset({"ru"})
    return next((codes for name, _, codes in _SCRIPTS if name == leading), frozenset())


def _by_common_words(text: str) -> frozenset[str]:
    words = [word.group().casefold().replace("’", "'") for word in _WORD.finditer(text)]
    counts = {code: [word for word in words if word in common] for code, common in _COMMONEST.items()}
    (best, code), (second, _) = sorted(((len(told), code) for code, told in counts.items()), reverse=True)[:2]
    enough = 2 if len(words) < _SHORT else 3
    different = len(set(counts[code])) > 1
    certain = different and best >= enough and best >= 0.15 * len(words) and best >= _AHEAD * second
    return frozenset(_NEAR[code].split()) if certain else frozenset()
