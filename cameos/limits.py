"""What a cameo may be used for: the purpose limits of its owner, and what a machine can see of a breach.

A breach is certain enough to refuse. A doubt is not: it goes to the owner of the face, who decides. Where words can
be read both ways (a heart, a flag, a fight) they are a doubt, and so is a strong word that is denied ("no kissing").
Everything here is arithmetic on words, a country and a date: no queries, no clock.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from cameos.purposes import PURPOSES, SOMEBODY, Purpose
from sora_social.core import wording
from sora_social.core.errors import FieldError, Invalid
from sora_social.core.wording import Hit, Text

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja "
    "jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb "
    "nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_ISO_639_1.split())
_ISO_3166_1 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
REGIONS = frozenset(_ISO_3166_1.split())

_COMMON_WORDS = (
    "the and for are was were with from that this they them their his her hers she you your yours its not nor but "
    "too any all one two never always ever don dont doesn can cannot could would should will shall must may might "
    "want wants like please allow allowed ask asked make makes made making show shows shown showing appear appears "
    "put use used using do does done have has had get gets let be been being in into onto over under out off about "
    "who what when where which how why than then there here some more most very just only also even other others "
    "another anything something anyone someone nothing person people man woman men women video videos clip clips "
    "scene scenes camera cameo face likeness picture image look looks looking wear wears wearing say says saying "
    "kind kinds type way ways thing things while near close without against between during after before again "
    "because such own same myself himself herself mine our ours me him upon through across around behind up down no"
)
COMMON = frozenset(_COMMON_WORDS.split())
COMMON_CHINESE = re.compile(
    "不可以|不允许|不能|不要|不会|不想|不准|绝不|絕不|从不|從不|永远|永遠|禁止|拒绝|任何|所有|可以|出现|出現|视频|"
    "視頻|影片|画面|畫面|镜头|鏡頭|"
    "场景|場景|一个|一個|一只|自己|我的|他们|她们|我们|或者|以及|还有|这样|那样|什么|里面|正在|"
    "[不要我的在让讓和与與或别別请請把被是有了也都很他她它你这這那里裡上下中着著个個只等及]"
)


_WORDS_ONLY = (
    "The words of the prompt and its shots are searched, in English and Chinese, for {}: strong ones are refused, ones "
    "that can be meant otherwise are put to you, and neither other languages nor the finished picture are checked."
)
MECHANISMS: Mapping[str, str] = MappingProxyType(
    {
        "no_ads": _WORDS_ONLY.format("selling (offers, codes, sponsors), and the maker's own mark of an ad"),
        "no_politics": _WORDS_ONLY.format("elections, parties, office holders and protest"),
        "no_romance": _WORDS_ONLY.format("kissing, dating, love and marriage"),
        "no_violence": _WORDS_ONLY.format("fighting, weapons in use, wounds and killing"),
        "no_major_appearance_change": _WORDS_ONLY.format("another age, weight, skin, sex or kind of being"),
        "no_embarrassing": _WORDS_ONLY.format("drunkenness, nakedness, mishaps and mockery"),
        "languages": "The language of the text and of each quoted line is told by its script and its commonest words: "
        "another language is refused, one that cannot be told is put to you, and the sound of the clip is not checked.",
        "regions": "The country that a request comes from, as the network tells it or else as the maker declared it, "
        "must be one of yours: an unknown one is put to you, and neither a proxy in between nor where the clip is "
        "watched is checked.",
        "until": "From the day after this date every request is refused, and what others made before is hidden.",
        "restrictions": "Each sentence is compared with the text by the words they share (in Chinese, pairs of "
        "characters) and put to you where they meet: nothing is refused by machine, and other words for the same thing "
        "are not seen.",
    }
)  # what a machine checks and what it does not, one sentence each, for people


@dataclass(frozen=True)
class Limits:
    """The purpose limits of one cameo. `languages` are ISO 639-1 codes and `regions` ISO 3166-1 alpha-2 codes, empty
    for any; `until` is the last day on which it may be used."""

    no_ads: bool = False
    no_politics: bool = False
    no_romance: bool = False
    no_violence: bool = False
    no_major_appearance_change: bool = False
    no_embarrassing: bool = False
    languages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    until: date | None = None

    @classmethod
    def of(cls, stored: object) -> "Limits":
        """The limits from their JSON form; what is not named is not limited.

        Raises Invalid, with every field that is unknown or wrong: nothing is passed over in silence.
        """
        if not isinstance(stored, Mapping):
            raise Invalid("The limits of a cameo are an object.")
        wrong: dict[str, list[FieldError]] = {}
        checked: dict[str, Any] = {}
        for name, value in stored.items():
            check = _CHECKS.get(name)
            if check is None:
                wrong[str(name)] = [{"code": "unknown", "message": "There is no such limit."}]
                continue
            try:
                checked[name] = check(value)
            except ValueError as why:
                wrong[name] = [{"code": "invalid", "message": str(why)}]
        if wrong:
            raise Invalid("Some limits are not right.", errors=wrong)
        return cls(**checked)

    def as_json(self) -> dict[str, Any]:
        """All limits by name, with lists for tuples and an ISO 8601 date: what `of` reads back."""
        told: dict[str, Any] = {limit.name: getattr(self, limit.name) for limit in fields(self)}
        return {
            **told,
            "languages": list(self.languages),
            "regions": list(self.regions),
            "until": self.until.isoformat() if self.until else None,
        }


def _yes_or_no(value: object) -> bool:
    if value is not True and value is not False:
        raise ValueError("This is true or false.")
    return bool(value)


def _codes(value: object, known: frozenset[str], kind: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(code, str) and code in known for code in value):
        raise ValueError(f"This is a list of {kind}.")
    if len(set(value)) < len(value):
        raise ValueError("A code stands here twice.")
    return tuple(value)


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("This is a date, YYYY-MM-DD, or null.")
    return date.fromisoformat(value)


_CHECKS = {
    **{purpose.limit: _yes_or_no for purpose in PURPOSES},
    "languages": lambda value: _codes(value, LANGUAGES, "ISO 639-1 codes in lower case"),
    "regions": lambda value: _codes(value, REGIONS, "ISO 3166-1 alpha-2 codes in upper case"),
    "until": _day,
}

ELSEWHERE = -1


@dataclass(frozen=True)
class Breach:
    """A limit that is certainly broken. `text_index` says in which text, `start` and `end` where in it, in characters,
    end excluded; for what is not in the words (country, date, the mark of an ad) they are `ELSEWHERE`, 0 and 0."""

    limit: str
    text_index: int
    start: int
    end: int
    message: str
    suggestion: str


@dataclass(frozen=True)
class Doubt:
    """A limit that may be broken: the owner of the face decides."""

    limit: str
    reason: str


@dataclass(frozen=True)
class Judgement:
    breaches: tuple[Breach, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Words:
    """A text that is judged, read once for all whose limits it meets."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.text = Text(_without_handles(raw))
        self._found: dict[str, tuple[list[Hit], list[Hit]]] = {}

    @cached_property
    def content(self) -> frozenset[str]:
        return content_words(self.text.plainly.plain)

    def of(self, purpose: Purpose) -> tuple[list[Hit], list[Hit]]:
        """The strong words of a purpose, and the unsure ones apart from them."""
        if purpose.limit not in self._found:
            strong = purpose.strong.found_in(self.text)
            self._found[purpose.limit] = strong, wording.apart_from(purpose.unsure.found_in(self.text), strong)
        return self._found[purpose.limit]


def judge(
    limits: Limits,
    *,
    restrictions: str,
    texts: Sequence[str | Words],
    country: str,
    today: date,
    is_ad: bool = False,
    beside: Sequence[str | Words] = (),
    handles: Sequence[str] = (),
    is_cut: bool = False,
) -> Judgement:
    """What a request breaks, and what its owner must be asked about.

    `texts` are the prompt and the texts of its shots; `country` is where the request comes from, empty when unknown;
    `restrictions` are the owner's own sentences of what they never do, each of which can only raise a doubt.
    `beside` are names and looks of the others in the cast, counted on after the texts, in whatever language; their
    `handles` are names, whose words raise no more than a doubt. `is_cut` when there are more words than are read.
    """
    told = [text if isinstance(text, Words) else Words(text) for text in texts]
    read = [*told, *(text if isinstance(text, Words) else Words(text) for text in beside)]
    names = [Words(handle) for handle in handles]
    found: list[Breach | Doubt] = []
    if limits.no_ads and is_ad:
        found.append(_beside_the_words("no_ads", "This person does not appear in ads.", "Take the ad mark off."))
    for purpose in PURPOSES:
        if getattr(limits, purpose.limit):
            for index, words in enumerate(read):
                of_words = _of_purpose(purpose, index, words)
                if index < len(told):
                    found += of_words
                else:  # their owner's own words, which are quoted to nobody
                    found += (
                        Doubt(purpose.limit, _OF_OTHERS) if isinstance(each, Doubt) else each for each in of_words
                    )
            found += [
                Doubt(purpose.limit, f"The handle @{name.raw} may mean {purpose.about}.")
                for name in names
                if any(name.of(purpose))
            ]
            if is_cut:
                found.append(Doubt(purpose.limit, _NOT_ALL_READ))
    if limits.languages:
        for index, words in enumerate(told):
            found += _of_languages(limits.languages, index, words.raw)
    found += _of_place_and_time(limits, country, today)
    found += _of_restrictions(restrictions, read, is_cut=is_cut)
    return Judgement(
        tuple(each for each in found if isinstance(each, Breach)),
        tuple(dict.fromkeys(each for each in found if isinstance(each, Doubt))),
    )


_OF_OTHERS = "The name or the looks of another in the cast may go against it."
_NOT_ALL_READ = "It is made from more words than are read."


def _beside_the_words(limit: str, message: str, suggestion: str) -> Breach:
    return Breach(limit, ELSEWHERE, 0, 0, message, suggestion)


_HANDLE = re.compile(
    r"(?<![A-Za-z0-9_@/.])@[A-Za-z0-9_.]{2,30}(?<!\.)"
)  # as `casting.MENTION`: what casts nobody is words


def _without_handles(text: str) -> str:
    """A handle is a name, whatever words it is made of: it is read as somebody, of the same length."""
    return _HANDLE.sub(lambda handle: SOMEBODY * len(handle.group()), text)


_DENIED = re.compile(
    r"(?:(?<![a-z])(?:no|not|without|never|avoid(?:ing)?|zero|don['’]?t)(?: (?:any|an?|the|being))? "
    r"|(?:没有|沒有|不要|不会|禁止|避免|无|無|没|沒|(?<![特分差个個])(?:别|別)|不)(?:任何|有)?)$"
)


def _of_purpose(purpose: Purpose, index: int, words: Words) -> Iterator[Breach | Doubt]:
    strong, unsure = words.of(purpose)
    for hit in strong:
        if _DENIED.search(hit.before):
            yield Doubt(purpose.limit, f"“{words.raw[hit.start : hit.end]}” is named, though denied.")
        else:
            yield Breach(purpose.limit, index, hit.start, hit.end, purpose.message, purpose.suggestion)
    for hit in unsure:
        yield Doubt(purpose.limit, f"“{words.raw[hit.start : hit.end]}” may mean {purpose.about}.")


_QUOTED = re.compile('["“”„«»]([^"“”„«»]+)["“”«»]|「([^」]+)」|『([^』]+)』')
_WORDS_WITHOUT_DOUBT = 3


def _of_languages(allowed: Sequence[str], index: int, raw: str) -> Iterator[Breach | Doubt]:
    """Quoted lines each for themselves, then the text around them."""
    around = raw
    parts: list[tuple[int, str, str]] = []
    for quote in _QUOTED.finditer(raw):
        start, end = quote.span(quote.lastindex or 0)
        parts.append((start, raw[start:end], "A quoted line"))
        around = around[:start] + " " * (end - start) + around[end:]
    for offset, part, what in (*parts, (0, _HANDLE.sub(lambda name: " " * len(name.group()), around), "The text")):
        words = wording.words_of(part)
        if not words:
            continue
        written = wording.is_written_in(part, allowed)
        if written is False:
            start, end = offset + words[0].start(), offset + words[-1].end()
            message = f"This person appears only in: {', '.join(allowed)}. {what} is in another language."
            yield Breach("languages", index, start, end, message, "Write it in a language that they allow.")
        elif written is None and wording.word_count(part) > _WORDS_WITHOUT_DOUBT:
            yield Doubt("languages", f"{what} is in a language that cannot be told by machine.")


def _of_place_and_time(limits: Limits, country: str, today: date) -> Iterator[Breach | Doubt]:
    if limits.regions:
        seen = country.strip().upper()
        if seen not in REGIONS:
            yield Doubt("regions", "The country of the request is not known.")
        elif seen not in limits.regions:
            message = f"This person appears only in: {', '.join(limits.regions)}."
            yield _beside_the_words("regions", message, "Cast somebody who allows your country.")
    if limits.until is not None and today > limits.until:
        message = f"This person could be cast until {limits.until.isoformat()}."
        yield _beside_the_words("until", message, "Ask them for a longer time, or cast somebody else.")


_SENTENCE = re.compile(r"[^\n\r.!?;。！？；…]+")


def sentences_of(restrictions: str) -> list[str]:
    """The owner's rules one by one, in order; the first is number 1 in a doubt."""
    return [part.strip() for part in _SENTENCE.findall(restrictions) if re.search(r"\w", part)]


def _of_restrictions(restrictions: str, read: Sequence[Words], *, is_cut: bool) -> Iterator[Doubt]:
    sentences = sentences_of(restrictions)
    told = frozenset().union(*(words.content for words in read)) if sentences else frozenset[str]()
    for number, sentence in enumerate(sentences, start=1):
        if content_words(wording.folded(sentence)[0]) & told:
            yield Doubt("restrictions", f"The text touches rule {number} of what this person never does.")
    if sentences and is_cut:
        yield Doubt("restrictions", _NOT_ALL_READ)


_TOKEN = re.compile(r"[^\W\d_\u3400-\u4dbf\u4e00-\u9fff]{3,}")
_CHINESE_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


def content_words(plain: str) -> frozenset[str]:
    """What a folded text is about: the stems of its words without common ones, and its pairs of Chinese characters."""
    words = {_stem(word) for word in _TOKEN.findall(plain) if word not in COMMON}
    pairs: set[str] = set()
    for run in _CHINESE_RUN.findall(COMMON_CHINESE.sub(" ", plain)):
        pairs.update(run[at : at + 2] for at in range(len(run) - 1))
    return frozenset(words | pairs)


_ENDINGS = ("ations", "ation", "ings", "ing", "edly", "ers", "er", "ed", "ies", "es", "ly", "s", "e", "y")
_SHORTEST_STEM = 3


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    if word[-1] == word[-2] and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    return word[:-1] if word[-1] in "eiy" and len(word) > _SHORTEST_STEM else word
