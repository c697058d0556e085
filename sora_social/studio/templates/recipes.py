"""Recipes with named slots: what one may say, and what comes of it when it is filled.

A slot stands as `{name}` in the prompt or in shots. Other braces are only braces. What goes into a slot is put in once,
as it is: a `{name}` in it is no slot.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cameos.casting import CAST_AT_MOST, MENTION
from sora_social.core.errors import FieldError, Invalid
from sora_social.studio.templates.models import TemplateVersion

SLOTS_AT_MOST = 10
VALUE_AT_MOST = 500
NAME = r"[a-z][a-z0-9_]{0,29}"
_MARKER = re.compile(rf"\{{({NAME})\}}")
_HANDLE = re.compile(r"@[A-Za-z0-9_.]{1,29}[A-Za-z0-9_]")
_SOMEBODY = "@some_body"

WORDS = ("prompt", "shots", "negative_prompt")
LOOKS = ("style", "camera", "orientation", "seconds")
LOCKABLE = (*WORDS, *LOOKS, "seed")

Shots = Sequence[Mapping[str, Any]]
Errors = dict[str, list[FieldError]]


@dataclass(frozen=True)
class Slot:
    """A place to fill: with `text`, or with a face (`cast`), by its @handle. `default` is taken when nothing is given,
    `example` is only shown."""

    name: str
    kind: str = "text"
    label: str = ""
    example: str = ""
    default: str = ""
    max_length: int = 200
    optional: bool = False


@dataclass(frozen=True)
class Use:
    """A version of a template, and what one use of it puts into its slots. `is_sealed` when the maker may not read all
    of its words: what is made with it then shows them to nobody."""

    version: TemplateVersion
    filled: Mapping[str, str]
    is_sealed: bool


def slots_of(version: TemplateVersion) -> list[Slot]:
    return [Slot(**row) for row in version.slots]


def credit_of(version: TemplateVersion) -> dict[str, Any]:
    """What is said of a template beside what was made with it, for good."""
    return {"id": str(version.template_id), "version": version.number, "title": version.title}


def rows_of(slots: Iterable[Slot]) -> list[dict[str, Any]]:
    return [asdict(slot) for slot in slots]


def require_sound(*, prompt: str, shots: Shots, slots: Sequence[Slot], seconds: int) -> None:
    """Raises Invalid for a recipe that nobody could fill, with what is wrong at each field."""
    errors: Errors = {}
    texts = {"prompt": prompt} | {f"shots[{place}].text": shot["text"] for place, shot in enumerate(shots)}
    named = {name for text in texts.values() for name in _MARKER.findall(text)}
    known: set[str] = set()
    for place, slot in enumerate(slots):
        at = f"slots[{place}]"
        if slot.name in known:
            _say(errors, f"{at}.name", "repeated", "Each name once.")
        elif slot.name not in named:
            _say(errors, f"{at}.name", "unused", f"{{{slot.name}}} is nowhere in the prompt or the shots.")
        known.add(slot.name)
        for part in ("default", "example"):
            wrong = _wrong(slot, getattr(slot, part))
            if wrong is not None:
                _say(errors, f"{at}.{part}", *wrong)
    if sum(slot.kind == "cast" for slot in slots) > CAST_AT_MOST:
        _say(errors, "slots", "too_many", f"At most {CAST_AT_MOST} of the cast.")
    faces = {slot.name for slot in slots if slot.kind == "cast"}
    for where, text in texts.items():
        markers = _MARKER.findall(text)
        for name in sorted({*markers} - known):
            _say(errors, where, "unknown_slot", f"There is no slot {name}.")
        probe = put_in(text, dict.fromkeys(faces, _SOMEBODY))
        if MENTION.findall(probe).count(_SOMEBODY[1:]) < sum(name in faces for name in markers):
            _say(errors, where, "bad_place", "A slot of the cast stands alone: no letters, dots or @ touch it.")
    if sum(shot["seconds"] for shot in shots) > seconds:
        _say(errors, "shots", "too_long", f"The shots are longer than {seconds} s.")
    if errors:
        raise Invalid(errors=errors)


def fill(slots: Sequence[Slot], values: Mapping[str, str], *, texts: Sequence[str]) -> dict[str, str]:
    """What goes into each slot that stands in these texts.

    Raises Invalid, with an error at `slots.<name>` for each value that is missing, too long, for no slot, or for one
    that has no place in the texts.
    """
    errors: Errors = {}
    named = {name for text in texts for name in _MARKER.findall(text)}
    by_name = {slot.name: slot for slot in slots}
    for name in values:
        if name not in by_name:
            _say(errors, f"slots.{name}", "unknown_slot", "This template has no such slot.")
        elif name not in named:
            _say(errors, f"slots.{name}", "unused", "It has no place in these words.")
    filled: dict[str, str] = {}
    for slot in slots:
        if slot.name not in named:
            continue
        value = values.get(slot.name, slot.default).strip()
        wrong = _wrong(slot, value)
        if not value and not slot.optional:
            wrong = ("required", f"Fill in {slot.label or slot.name}.")
        if wrong is not None:
            _say(errors, f"slots.{slot.name}", *wrong)
        filled[slot.name] = value.lower() if slot.kind == "cast" else value
    if errors:
        raise Invalid(errors=errors)
    return filled


def put_in(text: str, filled: Mapping[str, str]) -> str:
    return _MARKER.sub(lambda marker: filled.get(marker[1], marker[0]), text)


def composed(
    prompt: str, shots: Shots, filled: Mapping[str, str], *, prompt_at_most: int, shot_at_most: int
) -> tuple[str, list[dict[str, Any]]]:
    """The prompt and the shots with their slots filled. Raises Invalid for what became too long, or empty."""
    whole = put_in(prompt, filled).strip()
    parts = [{"text": put_in(shot["text"], filled).strip(), "seconds": shot["seconds"]} for shot in shots]
    if not whole or not all(part["text"] for part in parts):
        raise Invalid.field("slots", "Nothing is left of the words when these are left out.", code="required")
    if len(whole) > prompt_at_most or any(len(part["text"]) > shot_at_most for part in parts):
        raise Invalid.field("slots", "With these the words are too long.", code="too_long")
    return whole, parts


def _wrong(slot: Slot, value: str) -> tuple[str, str] | None:
    if value and slot.kind == "cast" and not _HANDLE.fullmatch(value):
        return "not_a_handle", "A cameo, by its @handle."
    if len(value) > slot.max_length:
        return "max_length", f"At most {slot.max_length} characters."
    return None


def _say(errors: Errors, where: str, code: str, message: str) -> None:
    errors.setdefault(where, []).append({"code": code, "message": message})
