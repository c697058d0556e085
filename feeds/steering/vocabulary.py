"""The vocabulary of topics in force: the operator's rows, or the built-in words where there are none."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Sum

from feeds.models import Topic
from ranking.topics.vocabulary import BUILT_IN, TOPICS_AT_MOST, Vocabulary, split_words
from ranking.topics.vocabulary import Topic as Meaning
from sora_social.core.errors import Conflict, Invalid, NotFound

WORDS_AT_MOST = 400  # of a topic in one language
WORD_CHARS_AT_MOST = 40

_reading = Lock()
_known: tuple[tuple[int, int], Vocabulary] = ((0, 0), BUILT_IN)


def current() -> Vocabulary:
    """The topics in use with their words. One query; the rows are read again when one of them changed."""
    global _known  # noqa: PLW0603 - one vocabulary per process
    counted = Topic.objects.aggregate(rows=Count("pk"), changes=Sum("version"))
    mark = (counted["rows"], counted["changes"] or 0)
    known = _known
    if known[0] != mark:
        with _reading:
            rows = Topic.objects.filter(is_active=True).order_by("bit")
            known = _known = mark, (Vocabulary(tuple(map(_meaning, rows)), BUILT_IN.moods) if mark[0] else BUILT_IN)
    return known[1]


def _meaning(row: Topic) -> Meaning:
    return Meaning(
        row.bit,
        row.code,
        row.name_en,
        row.name_zh,
        split_words(row.words_en),
        split_words(row.words_zh),
        row.part_of,
        row.is_sensitive,
    )


def stock() -> int:
    """Write the built-in topics that are not there yet; what an operator changed stays. Returns how many are new."""
    with transaction.atomic():
        codes, bits = set(), set()
        for code, bit in Topic.objects.select_for_update().values_list("code", "bit"):
            codes.add(code)
            bits.add(bit)
        missing = [topic for topic in BUILT_IN.topics if topic.code not in codes and topic.bit not in bits]
        Topic.objects.bulk_create(
            [
                Topic(
                    bit=topic.bit,
                    code=topic.code,
                    name_en=topic.name_en,
                    name_zh=topic.name_zh,
                    words_en=", ".join(topic.words_en),
                    words_zh=", ".join(topic.words_zh),
                    part_of=topic.part_of,
                    is_sensitive=topic.sensitive,
                )
                for topic in missing
            ],
            ignore_conflicts=True,
        )
    return len(missing)


def add_topic(code: str, words: Mapping[str, Any]) -> Topic:
    """A new topic on the next free bit; a bit is never given twice. In the caller's transaction.

    Raises Invalid, and Conflict when the code is taken or all bits are.
    """
    stock()  # the first change of an operator is to a vocabulary that is written down
    checked = _checked(words)
    taken = list(Topic.objects.select_for_update().values_list("code", "bit"))
    if code in {known for known, _ in taken}:
        raise Conflict("There is a topic of this code already.", code="topic_exists")
    bit = max((bit for _, bit in taken), default=-1) + 1
    if bit >= TOPICS_AT_MOST:
        raise Conflict(f"{TOPICS_AT_MOST} topics is all there is room for.", code="topics_full")
    return Topic.objects.create(bit=bit, code=_checked_code(code), **checked)


def change_topic(topic_id: int, words: Mapping[str, Any]) -> None:
    """Change names, words or standing of a topic. In the caller's transaction. Raises Invalid, NotFound."""
    checked = _checked(words)
    if not Topic.objects.select_for_update().filter(pk=topic_id).update(**checked, version=F("version") + 1):
        raise NotFound


def _checked_code(code: str) -> str:
    if not (code.isascii() and code.replace("_", "a").isalnum() and code[:1].isalpha() and code == code.lower()):
        raise Invalid.field("code", "Lower-case letters, digits and underscores, a letter first.")
    if len(code) > WORD_CHARS_AT_MOST:
        raise Invalid.field("code", f"At most {WORD_CHARS_AT_MOST} characters.")
    return code


def _checked(words: Mapping[str, Any]) -> dict[str, Any]:
    names = {name: str(words[name]).strip() for name in ("name_en", "name_zh")}
    for name, said in names.items():
        if not 0 < len(said) <= WORD_CHARS_AT_MOST or "," in said or "，" in said:
            raise Invalid.field(name, f"1 to {WORD_CHARS_AT_MOST} characters, without a comma.")
    lists = {name: split_words(str(words[name])) for name in ("words_en", "words_zh")}
    for name, said_words in lists.items():
        if len(said_words) > WORDS_AT_MOST or any(len(word) > WORD_CHARS_AT_MOST for word in said_words):
            message = f"At most {WORDS_AT_MOST} words of {WORD_CHARS_AT_MOST} characters."
            raise Invalid.field(name, message)
    part_of = str(words["part_of"]).strip()
    if part_of and not Topic.objects.filter(code=part_of).exists():
        raise Invalid.field("part_of", "There is no topic of this code.")
    return {
        **names,
        **{name: ", ".join(said) for name, said in lists.items()},
        "part_of": part_of,
        "is_sensitive": bool(words["is_sensitive"]),
        "is_active": bool(words["is_active"]),
    }
