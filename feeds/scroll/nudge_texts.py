"""What cards and holds say, in English and Chinese. They speak of people and of what could be, and never scold."""

from collections.abc import Mapping, Sequence
from typing import Any

from sora_social.core.languages import Language

_OFFERS: Mapping[str, Mapping[Language, str]] = {
    "remix": {
        "en": "You liked what {name} made. What would it be in your hands?",
        "zh": "你喜欢了{name}的作品。换你来做，会是什么样子？",
    },
    "cast": {
        "en": "{name} lets you cast them: what would the two of you do?",
        "zh": "{name}愿意在你的作品里出镜：你们俩会一起做什么？",
    },
    "challenge": {
        "en": "“{title}” is open to everyone. What is your take on it?",
        "zh": "挑战“{title}”正在进行。你会怎么拍？",
    },
    "draft": {
        "en": "A clip of yours is ready, and nobody has seen it yet.",
        "zh": "你有一条片子已经做好了，还没有人看过。",
    },
    "prompt": {
        "en": "Something to begin with: {idea}.",
        "zh": "一个开头送给你：{idea}。",
    },
}
_FIRMER: Mapping[Language, str] = {"en": "Before you scroll on: {text}", "zh": "往下刷之前：{text}"}
_BREAK: Mapping[int, Mapping[Language, str]] = {
    1: {
        "en": "You have been here for a while. A good moment to look up.",
        "zh": "你已经看了一会儿了，不妨抬头歇歇眼睛。",
    },
    2: {
        "en": "Still here? The feed will be, too, after a break.",
        "zh": "还在看吗？休息一下，内容不会跑掉。",
    },
}
_HOLDS: Mapping[str, Mapping[Language, str]] = {
    "pause": {
        "en": "A pause. Take a breath, or make something; the feed goes on when you do.",
        "zh": "停一停。喘口气，或者做点什么；你想继续的时候，内容还在这里。",
    },
    "quiet_hours": {
        "en": "Quiet hours. The feed is back in the morning.",
        "zh": "现在是安静时间，明早再见。",
    },
    "daily_limit": {
        "en": "That was the feed for today. Tomorrow there is more.",
        "zh": "今天的内容就到这里，明天见。",
    },
}
_HELD_TO_END: Mapping[Language, str] = {
    "en": "A pause of five minutes. Stretch, or make something; the feed is back after it.",
    "zh": "休息五分钟。伸个懒腰，或者做点什么；之后内容就回来。",
}
_MAKE: Mapping[str, Mapping[Language, str]] = {
    "remix": {"en": "Remix it", "zh": "改编它"},
    "cast": {"en": "Make it together", "zh": "一起拍"},
    "challenge": {"en": "Take part", "zh": "参加"},
    "draft": {"en": "Look at it", "zh": "去看看"},
    "prompt": {"en": "Try it", "zh": "试试看"},
}
_DONE: Mapping[Language, str] = {"en": "I'm done for now", "zh": "今天先到这"}
_GO_ON: Mapping[Language, str] = {"en": "Keep watching", "zh": "继续看"}


def offer_text(action: str, told: Mapping[str, Any], language: Language, *, step: int) -> str:
    text = _OFFERS[action][language].format(idea=told.get(language, ""), **told)
    return _FIRMER[language].format(text=_lowered(text, told)) if step > 1 else text


def _lowered(text: str, told: Mapping[str, Any]) -> str:
    """The first letter small, as it stands after a colon; a name keeps its own."""
    begins_with_name = text.startswith(str(told.get("name") or "\0"))
    return text if begins_with_name else text[:1].lower() + text[1:]


def break_text(language: Language, *, step: int) -> str:
    return _BREAK[min(step, 2)][language]


def hold_text(kind: str, language: Language, *, is_dismissible: bool) -> str:
    if kind == "pause" and not is_dismissible:
        return _HELD_TO_END[language]
    return _HOLDS[kind][language]


def card_actions(action: str | None, language: Language) -> Sequence[Mapping[str, str]]:
    """The two buttons of a card, of equal size: to make it (or to go on, where nothing is offered), and to be done."""
    done = {"code": "done", "text": _DONE[language], "outcome": "left"}
    if action is None:
        return ({"code": "go_on", "text": _GO_ON[language], "outcome": "dismissed"}, done)
    return ({"code": "make", "text": _MAKE[action][language]}, done)


def hold_actions(language: Language, *, is_dismissible: bool) -> Sequence[Mapping[str, str]]:
    done = {"code": "done", "text": _DONE[language], "outcome": "left"}
    go_on = {"code": "go_on", "text": _GO_ON[language], "outcome": "acknowledged"}
    return (go_on, done) if is_dismissible else (done,)
