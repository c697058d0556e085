# ruff: noqa: E501  (tables)
"""How long an instruction is to hold: "for two hours", "this week", 今晚, 接下来三天.

"Today" is a day from now, and "this week" seven: what is said at eleven at night is not over at midnight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from ranking.topics.phrases import folded

_NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "twenty four": 24, "couple of": 2, "a couple of": 2, "couple": 2, "a couple": 2, "few": 3, "a few": 3, "several": 3,
    "half an": 0.5, "half a": 0.5, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "十": 10, "十二": 12, "二十四": 24, "几": 3, "半": 0.5,
}  # fmt: skip
_UNITS: Final = {
    "minute": 1 / 60, "min": 1 / 60, "hour": 1.0, "hr": 1.0, "day": 24.0, "night": 24.0, "week": 168.0, "weekend": 72.0, "month": 720.0, "year": 8760.0,
    "morning": 12.0, "afternoon": 12.0, "evening": 12.0,
    "分钟": 1 / 60, "小时": 1.0, "钟头": 1.0, "天": 24.0, "日": 24.0, "周": 168.0, "星期": 168.0, "礼拜": 168.0, "月": 720.0, "年": 8760.0,
}  # fmt: skip
_NAMED: Final = {
    "today": 24.0, "tonight": 12.0, "tomorrow": 48.0, "明天": 48.0, "今天": 24.0, "今日": 24.0, "今晚": 12.0, "今夜": 12.0, "今早": 12.0, "今天晚上": 12.0, "今天下午": 12.0, "今天上午": 12.0,
    "这周": 168.0, "本周": 168.0, "这星期": 168.0, "这个星期": 168.0, "这礼拜": 168.0, "这个礼拜": 168.0, "这一周": 168.0, "一周": 168.0, "这个周": 168.0,
    "周末": 72.0, "这周末": 72.0, "这个周末": 72.0, "本周末": 72.0, "这个月": 720.0, "本月": 720.0, "今年": 8760.0,
    "这几天": 72.0, "这两天": 48.0, "这三天": 72.0, "一整天": 24.0, "一晚上": 12.0, "一个晚上": 12.0, "下午": 12.0, "上午": 12.0, "这会儿": 12.0,
    "明天之前": 24.0, "明天以前": 24.0, "到明天": 24.0, "直到明天": 24.0, "until tomorrow": 24.0, "till tomorrow": 24.0, "until tonight": 12.0,
    "until next week": 168.0, "until the weekend": 72.0, "until next month": 720.0, "下周之前": 168.0, "到下周": 168.0,
}  # fmt: skip
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE_DAYS: Final = "一二三四五六日"


def _either(words: dict[str, float]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_ENGLISH_NUMBERS = _either({word: n for word, n in _NUMBERS.items() if word.isascii()})
_ENGLISH_UNITS = _either({word: n for word, n in _UNITS.items() if word.isascii()})
_CHINESE_UNITS = "分钟|小时|钟头|天|日|周|星期|礼拜"
_CHINESE_NUMBERS = r"\d+(?:\.\d+)?|二十四|十二|[一二两三四五六七八九十几半]"
_SPAN = re.compile(
    rf"""
    \b(?:
        (?:for|over|during|within|in)\s+(?:(?:just|only|at\s+least|about|around)\s+)?(?:the\s+)?(?:(?:next|coming|following)\s+)?
            (?P<n1>\d+(?:\.\d+)?|{_ENGLISH_NUMBERS})\s*-?\s*(?P<u1>{_ENGLISH_UNITS})s?
      | (?:the\s+)?(?:next|coming|following)\s+(?P<n2>\d+(?:\.\d+)?|{_ENGLISH_NUMBERS})\s*(?P<u2>{_ENGLISH_UNITS})s?
      | (?:for|over|during|in)\s+the\s+(?:next|coming|following|rest\s+of\s+the|rest\s+of\s+this|remainder\s+of\s+the|whole|entire)\s+(?P<u3>{_ENGLISH_UNITS})
      | (?:for|over|during)\s+the\s+(?P<u4>day|night|evening|week|weekend|month|morning|afternoon)
      | (?:(?:for|during|over)\s+)?(?:(?:the\s+)?rest\s+of\s+)?(?:this|the\s+rest\s+of\s+the|rest\s+of\s+the|all|the\s+whole|this\s+whole|this\s+entire)\s+(?:coming\s+)?
            (?P<u5>hour|evening|morning|afternoon|week|weekend|month|year)
      | (?:the\s+)?(?:next|coming)\s+(?P<u6>hour|week|month)
      | (?:for\s+)?(?P<n7>\d+(?:\.\d+)?)\s*-?\s*(?P<u7>{_ENGLISH_UNITS})s?\s+(?:long|only)
      | (?:until|till|til)\s+(?:next\s+)?(?P<day>{"|".join(_DAYS)})
      | (?:for\s+)?(?P<named>{_either({word: n for word, n in _NAMED.items() if word.isascii()})})
    )(?:\s+only)?\b
    | (?:接下来的?|未来的?|今后的?|之后的?|往后的?|在|这)?(?P<n8>{_CHINESE_NUMBERS})个?(?P<half>半)?(?P<u8>{_CHINESE_UNITS})(?!到晚|两头|天)(?:之内|以内|内|里)?
    | (?:接下来的?|未来的?|今后的?|这)?(?P<n9>{_CHINESE_NUMBERS})个月(?:之内|以内|内|里)?
    | (?:直到|到|截至)(?:这|下)?(?:周|星期|礼拜)(?P<hanziday>[一二三四五六日天])(?:之前|以前|为止)?
    | (?P<chinese>{_either({word: n for word, n in _NAMED.items() if not word.isascii()})})(?:之内|以内|内|里)?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long, in hours, and where in the raw text that is said, end excluded."""

    start: int
    end: int
    hours: float


def found_in(text: str, now: datetime) -> Iterator[Lasting]:
    """Every time span that a text names, in order."""
    plain, places = folded(text)
    for match in _SPAN.finditer(plain):
        hours = _hours(match, now)
        if hours:
            yield Lasting(places[match.start()], places[match.end() - 1] + 1, hours)


def _hours(match: re.Match[str], now: datetime) -> float:
    for index in ("1", "2", "7", "8"):
        if match[f"u{index}"]:
            half = 0.5 if index == "8" and match["half"] else 0.0
            return (_number(match[f"n{index}"]) + half) * _UNITS[match[f"u{index}"]]
    for index in ("3", "4", "5", "6"):
        if match[f"u{index}"]:
            unit = match[f"u{index}"]
            return 12.0 if unit == "night" else _UNITS[unit]
    if match["n9"]:
        return _number(match["n9"]) * _UNITS["月"]
    if match["day"]:
        return _until(_DAYS.index(match["day"]), now)
    if match["hanziday"]:
        return _until(_CHINESE_DAYS.index(match["hanziday"].replace("天", "日")), now)
    return _NAMED[" ".join((match["named"] or match["chinese"]).split())]


def _number(said: str) -> float:
    number = _NUMBERS.get(" ".join(said.split()))
    return min(float(number if number is not None else said), 10_000.0)


def _until(weekday: int, now: datetime) -> float:
    """Hours until that day of the week begins."""
    days = (weekday - now.weekday()) % 7 or 7
    begins = datetime.combine(now.date() + timedelta(days=days), time(), tzinfo=now.tzinfo)
    return (begins - now).total_seconds() / 3600
