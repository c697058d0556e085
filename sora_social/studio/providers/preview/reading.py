"""Read a prompt: which place, hour, weather, colours, subjects, movements, sounds and spoken lines it asks for."""

import hashlib
import re
from dataclasses import dataclass, replace

from sora_social.studio.providers.preview import vocabulary
from sora_social.studio.providers.preview.lexicon import Hit
from sora_social.studio.providers.preview.recipe import clean

QUOTED = re.compile(r"“([^”]{1,400})”|\"([^\"]{1,400})\"|「([^」]{1,400})」|『([^』]{1,400})』|«([^»]{1,400})»")
ANYWHERE = ("field", "beach", "mountains", "city", "forest", "sky", "desert", "lake")
MAX_SUBJECTS = 4
MAX_COUNT = 7


@dataclass(frozen=True)
class Subject:
    """One kind of thing in the picture, how many, of which colour, and what it does ("" = what comes natural)."""

    kind: str
    count: int = 1
    colour: str = ""
    motion: str = ""


@dataclass(frozen=True)
class Meaning:
    """What a prompt says. `flavour` is a 32-bit hash of all its words, so that unknown ones count too."""

    setting: str
    time: str
    weathers: tuple[str, ...]
    colours: tuple[str, ...]
    subjects: tuple[Subject, ...]
    motion: str
    pace: float
    mood: str
    sounds: tuple[str, ...]
    lines: tuple[str, ...]
    flavour: int
    named: frozenset[str]


def read_prompt(text: str, *, negative: str = "", seed: int = 0) -> Meaning:
    """Find out what a prompt asks for; never fails, whatever the text is.

    What the negative prompt names is left out of the picture and the sound.
    """
    cleaned = clean(text)
    lines = tuple(line.strip() for match in QUOTED.finditer(cleaned) if (line := next(filter(None, match.groups()))))
    words = QUOTED.sub(" ", cleaned).casefold()
    unwanted = clean(negative).casefold()
    flavour = _hash(" ".join([str(seed), *re.findall(r"\w+", words)]))
    subjects = _subjects(words, unwanted)
    settings = vocabulary.SETTINGS.ideas(words, unwanted=unwanted)
    times, weathers = (
        vocabulary.TIMES.ideas(words, unwanted=unwanted),
        vocabulary.WEATHERS.ideas(words, unwanted=unwanted),
    )
    moods, motions = (
        vocabulary.MOODS.ideas(words, unwanted=unwanted),
        vocabulary.MOTIONS.ideas(words, unwanted=unwanted),
    )
    paces = vocabulary.PACES.ideas(words, unwanted=unwanted)
    colours = vocabulary.COLOURS.ideas(words, unwanted=unwanted)
    home = vocabulary.HOMES[subjects[0].kind] if subjects else ANYWHERE[flavour % len(ANYWHERE)]
    return Meaning(
        setting=_place(settings, home),
        time=times[0] if times else ("night" if "fireworks" in weathers else "noon"),
        weathers=weathers[:3],
        colours=colours[:3],
        subjects=subjects,
        motion=motions[0] if motions else "",
        pace={"fast": 1.8, "slow": 0.5}.get(paces[0], 1.0) if paces else 1.0,
        mood=moods[0] if moods else "",
        sounds=vocabulary.SOUNDS.ideas(words, unwanted=unwanted),
        lines=tuple(filter(None, lines))[:8],
        flavour=flavour,
        named=frozenset(
            name
            for name, found in (("setting", settings), ("time", times), ("weathers", weathers), ("colours", colours),
                                ("mood", moods), ("motion", motions), ("pace", paces))
            if found
        ),
    )  # fmt: skip


def apply(change: Meaning, *, to: Meaning) -> Meaning:
    """Lay new words over a base: what they name replaces the base's, new subjects join it, the rest stays."""
    kinds = {subject.kind for subject in change.subjects}
    kept = tuple(subject for subject in to.subjects if subject.kind not in kinds)
    return replace(
        to,
        **{name: getattr(change, name) for name in change.named},
        subjects=(*change.subjects, *kept)[:MAX_SUBJECTS],
        sounds=tuple(dict.fromkeys((*change.sounds, *to.sounds))),
        lines=change.lines,
        named=to.named | change.named,
    )


def _place(settings: tuple[str, ...], home: str) -> str:
    if not settings:
        return home
    # "a lake in the mountains", "a street in the city": the first place named is where we stand.
    if settings[0] == "sky" and len(settings) > 1:
        return settings[1]
    return settings[0]


def _subjects(words: str, unwanted: str) -> tuple[Subject, ...]:
    refused = set(vocabulary.SUBJECTS.ideas(unwanted))
    hits = [hit for hit in vocabulary.SUBJECTS.hits(words) if hit.idea not in refused]
    motions = list(vocabulary.MOTIONS.hits(words))
    leading = [hit.idea for hit in motions if hits and hit.end <= hits[0].start]
    found: dict[str, Subject] = {}
    for place, hit in enumerate(hits):
        if hit.idea in found:
            continue
        until = hits[place + 1].start if place + 1 < len(hits) else len(words)
        after = [motion.idea for motion in motions if hit.end <= motion.start < until]
        before = words[max(0, hits[place - 1].end if place else 0, hit.start - 28) : hit.start]
        colours = vocabulary.COLOURS.ideas(before)
        found[hit.idea] = Subject(
            kind=hit.idea,
            count=_count(before, hit),
            colour=colours[-1] if colours else "",
            motion=next(iter([*after, *leading]), ""),
        )
        if len(found) == MAX_SUBJECTS:
            break
    if "bicycle" in found:
        found.pop("person", None)  # the bicycle is drawn with its rider
    return tuple(found.values())


def _count(before: str, hit: Hit) -> int:
    is_plural = hit.word.isascii() and (hit.word.endswith("s") or hit.word in {"people", "children"})
    named = vocabulary.COUNTS.ideas(" ".join(before.split()[-3:]))
    # "a field of flowers": the article belongs to the field.
    if named and not (is_plural and named[-1] == "1"):
        return min(int(named[-1]), MAX_COUNT)
    return 3 if is_plural and hit.idea != "food" else 1


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")
