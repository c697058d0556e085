"""Text cut into words, English and Chinese alike, and searched for phrases.

Text is folded first (width, case, accents, traditional characters, letters drawn out), and every word knows its place
in the raw text. A Chinese character is a word by itself; a phrase is a row of words, the longest one wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final, Generic, TypeVar

P = TypeVar("P")

_TRADITIONAL: Final = (
    "貓猫狗狗鳥鸟魚鱼鯨鲸鯊鲨龍龙馬马雞鸡鴨鸭豬猪獅狮熊熊貓猫蟲虫蟻蚁機机器器車车飛飞船船艦舰輪轮鐵铁電电腦脑視视頻频畫画"
    "音音樂乐舞舞遊游戲戏劇剧體体運运動动籃篮網网滑滑雪雪風风雲云霧雾雷雷陽阳夕夕燒烧煙烟沙沙漠漠森森樹树葉叶園园農农鄉乡村村"
    "廚厨飯饭麵面餃饺湯汤燉炖燒烧烤烤點点蛋蛋糕糕麥麦飲饮茶茶酒酒賭赌錢钱財财廣广告告購购買买賣卖學学習习語语書书歷历史史"
    "國国選选舉举總总統统議议會会黨党聞闻報报導导經经濟济戰战爭争槍枪殺杀兇凶鬼鬼殭僵屍尸驚惊嚇吓懼惧懸悬偵侦探探愛爱戀恋"
    "婚婚禮礼節节慶庆聖圣誕诞煙烟過过寶宝媽妈爺爷孫孙親亲醫医藥药療疗護护師师術术術术藝艺術术雕雕塑塑織织縫缝裝装髮发妝妆"
    "搞搞笑笑無无聊聊輕轻鬆松療疗癒愈靜静溫温馨馨暖暖暢畅興兴奮奋熱热鬧闹夢梦幻幻詭诡異异陰阴暗暗個个這这們们來来給给別别"
    "讓让還还沒没點点幾几週周間间時时後后從从對对說说聽听裡里裏里麼么為为與与請请謝谢絕绝減减屏屏蔽蔽過过濾滤刪删掉掉關关"
    "閉闭開开應应該该難难夠够滿满滾滚厭厌煩烦膩腻獨独單单僅仅類类種种樣样東东標标籤签題题興兴趣趣討讨現现實实際际場场級级"
    "宮宫橋桥樓楼塔塔塵尘島岛灘滩嶺岭峽峡溪溪瀑瀑極极冰冰凍冻蓋盖積积氣气氫氢賽赛跑跑鬥斗拳拳槍枪擊击爆爆災灾難难洪洪"
    "衛卫星星際际艙舱僑侨佛佛廟庙禱祷鐘钟鑼锣壓压歲岁聯联歡欢員员紅红綠绿藍蓝黃黄紫紫黑黑白白彩彩霓霓復复古古賞赏習习課课數数"
    "據据碼码軟软硬硬體体顯显舊旧製制鍊链鏈链補补釘钉編编刺刺繡绣陶陶瓷瓷養养寵宠愛爱隻只條条頭头顆颗張张變变換换嗎吗吧吧"
)
_SIMPLIFIED: Final = str.maketrans(dict(zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)))
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
# where a sentence goes on behind a tag without a gap: #露营的内容多一点
_RUN_ON = (
    "的(?!\\w)|的(?:内容|视频|作品|帖子|东西|标签|话题|多|少|都|就|别|不|也)|"
    "[多少](?:一?[点些]|来|看|推)|不要|不看|别[推再]|就算了|都不|给我"
)
_CUT = re.compile(
    rf"(?P<tag>#\w(?:(?!{_RUN_ON})\w){{0,99}})|(?P<person>@[a-z0-9_.]{{1,40}})|(?P<han>[{_HAN}])|"
    rf"(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d_{_HAN}]+(?:'[^\W\d_{_HAN}]+)*)|(?P<mark>\S|\n)"
)
_TAG_JOINER = re.compile(r"(?<=\w)[和跟与及](?=#)")  # between two tags these join; \w alone would take them in
_QUOTES = str.maketrans("‘’ʼ`´“”「」『』", '\'\'\'\'\'""""""')
_HELD = {"it's", "that's", "what's", "there's", "let's", "who's", "how's", "here's", "he's", "she's"}
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")


class Kind(IntEnum):
    WORD = 0
    HAN = 1
    NUMBER = 2
    TAG = 3
    PERSON = 4
    MARK = 5


_KINDS = {kind.name.lower(): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: how it reads, and where it stands in the raw text, end excluded."""

    text: str
    kind: Kind
    start: int
    end: int


def folded(text: str) -> tuple[str, list[int]]:
    """The text as it is read, and for each of its characters the place in the raw text."""
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for plain in _folded_character(char):
            kept.append(plain)
            places.append(place)
    return "".join(kept), places


@lru_cache(maxsize=8_192)
def _folded_character(char: str) -> str:
    plain = unicodedata.normalize("NFKD", char).casefold()[:4].translate(_QUOTES).translate(_SIMPLIFIED)
    return "".join(letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Mn", "Cs"})


def words_of(text: str) -> list[Word]:
    """The words and marks of a raw text, in order. Hyphens within words are seen through, and possessive endings."""
    plain, places = folded(text)
    plain = _TAG_JOINER.sub(" ", plain)
    found: list[Word] = []
    for match in _CUT.finditer(plain):
        kind = _KINDS[str(match.lastgroup)]
        start, end = match.span()
        said = match.group()
        if (
            kind == Kind.MARK
            and said in "-'_"
            and start > 0
            and plain[start - 1].isalnum()
            and plain[end : end + 1].isalnum()
        ):
            continue
        if kind == Kind.WORD:
            said = _plainly(said)
        elif kind == Kind.PERSON:
            said = said.rstrip(".")
            end = start + len(said)
            if len(said) < 2:
                kind = Kind.MARK
        found.append(Word(said, kind, places[start], places[end - 1] + 1))
    return found


def _plainly(word: str) -> str:
    if word.endswith("'s") and word not in _HELD:
        word = word[:-2]
    return _DRAWN_OUT.sub(r"\1", word) if _DRAWN_OUT.search(word) else word


class Phrases(Generic[P]):
    """Phrases to look for, each with what it stands for; the longest that fits wins."""

    def __init__(self, entries: Iterable[tuple[str, P]] = ()) -> None:
        self._meant: dict[str, P] = {}
        self._longest: dict[str, int] = {}
        for phrase, meaning in entries:
            self.add(phrase, meaning)

    def add(self, phrase: str, meaning: P) -> None:
        """Let a phrase stand for something; what was said of it before gives way."""
        words = [word.text for word in words_of(phrase) if word.kind != Kind.MARK]
        if words:
            self._meant[_key(words)] = meaning
            self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def at(self, words: Sequence[Word], place: int) -> tuple[int, P] | None:
        """The longest phrase that begins at this word: how many words it takes, and its meaning."""
        longest = self._longest.get(words[place].text, 0)
        for count in range(min(longest, len(words) - place), 0, -1):
            meaning = self._meant.get(_key([word.text for word in words[place : place + count]]))
            if meaning is not None:
                return count, meaning
        return None

    def found_in(self, words: Sequence[Word]) -> Iterator[tuple[int, int, P]]:
        """Every phrase of a text, none overlapping another: its first word, how many words, and its meaning."""
        place = 0
        while place < len(words):
            hit = self.at(words, place)
            if hit is None:
                place += 1
            else:
                yield place, *hit
                place += hit[0]

    def meaning_of(self, phrase: str) -> P | None:
        """What this whole phrase stands for, if anything."""
        return self._meant.get(_key([word.text for word in words_of(phrase) if word.kind != Kind.MARK]))

    @property
    def meanings(self) -> Mapping[str, P]:
        """Phrases as they are kept: words with a space between them."""
        return self._meant


def _key(words: Sequence[str]) -> str:
    return " ".join(words)


# English forms that follow from a word by rule

_VOWELS = "aeiou"


def plural(word: str) -> str:
    """The plural of an English noun, by rule; the word itself where it ends in s."""
    if word.endswith("s"):
        return word + "es" if word.endswith(("ss", "us")) else word
    if word.endswith(("x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def verb_forms(word: str) -> tuple[str, ...]:
    """What an English verb becomes in use: cook, cooks, cooking, cooked."""
    if word.endswith("e"):
        return plural(word), word[:-1] + "ing", word + "d"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return plural(word), word + "ing", word[:-1] + "ied"
    doubled = (
        len(word) > 2
        and word[-1] not in _VOWELS + "wxy"
        and word[-2] in _VOWELS
        and word[-3] not in _VOWELS
        and len(word) <= 4
    )
    stem = word + word[-1] if doubled else word
    return plural(word), stem + "ing", stem + "ed"
