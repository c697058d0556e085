"""What notifications say, in English and Chinese."""

from collections.abc import Mapping, Sequence
from typing import Any

from sora_social.accounts.models import User
from sora_social.core.languages import Language
from sora_social.inbox.notifications.seen import Seen

Texts = Mapping[Language, str]

_TEXTS: Mapping[str, Texts] = {
    "follow": {"en": "{names} started following you.", "zh": "{names}关注了你。"},
    "like": {"en": "{names} liked your post.", "zh": "{names}赞了你的作品。"},
    "comment": {"en": "{names} commented on your post.", "zh": "{names}评论了你的作品。"},
    "reply": {"en": "{names} replied to your comment.", "zh": "{names}回复了你的评论。"},
    "mention": {"en": "{names} mentioned you.", "zh": "{names}提到了你。"},
    "remix": {"en": "{names} remixed your post.", "zh": "{names}改编了你的作品。"},
    "cast_in_draft": {"en": "{names} cast {cameo} in a draft.", "zh": "{names}在草稿里用了{cameo}的形象。"},
    "cast_in_post": {"en": "{names} posted a clip with {cameo}.", "zh": "{names}发布了有{cameo}出镜的作品。"},
    "cast_request": {"en": "{names} asks to cast {cameo}.", "zh": "{names}想让{cameo}出镜，等你答复。"},
    "invite": {"en": "{names} joined by your invite.", "zh": "{names}通过你的邀请加入了。"},
}
_CHOSEN: Mapping[str, tuple[str, Mapping[Any, Texts]]] = {  # by one of the facts
    "cast_answer": (
        "agreed",
        {
            True: {
                "en": "Everybody you asked agreed: your draft is ready.",
                "zh": "大家都同意了，草稿可以发布了。",
            },
            False: {"en": "Not everybody in your draft wants it shown.", "zh": "有人不希望这条草稿发布。"},
        },
    ),
    "generation": (
        "status",
        {
            "completed": {"en": "Your clip is ready.", "zh": "你的片子做好了。"},
            "failed": {
                "en": "Your clip could not be made; it cost you nothing.",
                "zh": "片子没能做出来，不扣额度。",
            },
            "refused": {
                "en": "Your clip was refused. See why, and what you can change.",
                "zh": "你的片子没有通过，看看原因和修改建议。",
            },
        },
    ),
    "credits": (
        "reason",
        {"invite": {"en": "{credits} extra clips are yours.", "zh": "你获得了{credits}条额外额度。"}},
    ),
    "moderation": (
        "decision",
        {
            "post removed": {"en": "A moderator removed a post of yours.", "zh": "你的一条作品被管理员移除了。"},
            "post restored": {"en": "A post of yours is back.", "zh": "你的一条作品已恢复。"},
            "comment removed": {"en": "A moderator removed a comment of yours.", "zh": "你的一条评论被管理员移除了。"},
            "message removed": {"en": "A moderator removed a message of yours.", "zh": "你的一条私信被管理员移除了。"},
            "person reinstated": {"en": "Your account is open again.", "zh": "你的账号已恢复。"},
            "cameo approved": {"en": "Your cameo is approved.", "zh": "你的形象已通过审核。"},
            "cameo rejected": {"en": "Your cameo was not approved.", "zh": "你的形象没有通过审核。"},
        },
    ),
}
_MESSAGES: Mapping[str, Texts] = {
    "to_me": {"en": "{names} wrote to you.", "zh": "{names}给你发了私信。"},
    "in_group": {"en": "{names} wrote in {title}.", "zh": "{names}在“{title}”里发了消息。"},
    "in_nameless_group": {"en": "{names} wrote in a group.", "zh": "{names}在群聊里发了消息。"},
}
DECISIONS = frozenset(_CHOSEN["moderation"][1])
_SOMEBODY: Texts = {"en": "Somebody", "zh": "有人"}
_OTHERS: Mapping[int, str] = {1: "1 other"}


def text_of(seen: Seen, language: Language, *, actors: Sequence[User | None] | None = None) -> str:
    """One sentence that says what happened; by `actors`, where not all may be named that are seen."""
    names = _names(seen.actors if actors is None else actors, seen.actor_count, language)
    kind = seen.row.kind
    if kind in _CHOSEN:
        fact, texts = _CHOSEN[kind]
        return texts[seen.facts[fact]][language].format(**seen.facts)
    return _TEXTS[kind][language].format(names=names, **seen.facts)


def text_of_messages(authors: Sequence[User | None], title: str, language: Language, *, is_group: bool) -> str:
    """One sentence that says who wrote, and in which group. Never what."""
    way = "to_me" if not is_group else "in_group" if title else "in_nameless_group"
    return _MESSAGES[way][language].format(names=_names(authors, len(authors), language), title=title)


def _names(actors: Sequence[User | None], count: int, language: Language) -> str:
    """Two by name at most, the others by number. Nobody in particular comes last."""
    named = [person.name for person in actors if person is not None][:2]
    if not named:
        people = {"en": f"{count} people", "zh": f"{count}人"}
        return people[language] if count > 1 else _SOMEBODY[language]
    others = count - len(named)
    if language == "zh":
        return "、".join(named) + f"等{count}人" if others else "和".join(named)
    if others:
        return ", ".join(named) + f" and {_OTHERS.get(others, f'{others} others')}"
    return " and ".join(named)
