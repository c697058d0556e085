"""The demo world as data: who is in it, who knows whom, what they make of what. The same every time."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sora_social.moderation.models import ReportReason
from sora_social.studio.templates.recipes import Slot

PASSWORD = "sora-demo-only"  # noqa: S105 - public on purpose: the demo world lives on one machine
MODERATOR = "mod"
SEED = 20_260_426
POSTS = 150


@dataclass(frozen=True)
class Character:
    """Somebody of the demo world."""

    handle: str
    display_name: str
    bio: str
    birthday: date
    country: str


@dataclass(frozen=True)
class Piece:
    """A post to be made: by whom, from which earlier pieces (by their number), with which words."""

    number: int
    author: str
    prompt: str
    caption: str
    style: str
    camera: str
    orientation: str
    sources: tuple[int, ...] = ()
    kind: str = ""
    swaps: Mapping[str, str | None] = field(default_factory=dict)
    is_waiting: bool = False
    """Whether it stays a draft, because somebody in it must be asked."""
    co_creators: tuple[str, ...] = ()
    """Who is credited beside the author: mutuals of theirs."""

    @property
    def theme(self) -> "Theme | None":
        """The challenge that it enters: the one whose #tag it has."""
        tags = set(self.caption.split())
        return next((theme for theme in THEMES if f"#{theme.tag}" in tags), None)

    @property
    def seed(self) -> int:
        """Names the piece among its author's jobs, so that an interrupted seeding goes on where it was."""
        return SEED + self.number


@dataclass(frozen=True)
class Theme:
    """A challenge: what it says, and when it begins and ends, in days from now. One that is over was open while the
    world was made."""

    title: str
    description: str
    prompt: str
    tag: str
    starts_days: int
    ends_days: int


THEMES = (
    Theme(
        "Rain, but make it somewhere else", "Anything wet where nobody expects it.", "rain in a desert", "rain", -3, 11
    ),
    Theme("雨夜", "一座城市，一场雨，一个镜头。", "雨夜城市里的一只猫", "雨夜", -1, 6),
    Theme("Robots with jobs", "What do they do all day?", "a small robot at work", "robot", -15, -1),
)


@dataclass(frozen=True)
class Recipe:
    """A template: of which piece, and what of its words others fill."""

    number: int
    title: str
    prompt: str
    slots: tuple[Slot, ...]


RECIPES = (
    Recipe(
        0,
        "A sleepy somebody, somewhere",
        "a sleepy {animal} running in {place}",
        (
            Slot("animal", label="Who is sleepy", example="dragon", default="dragon", max_length=40),
            Slot("place", label="Where", example="a forest at dawn", max_length=80),
        ),
    ),
    Recipe(
        7,
        "雨夜里的一只……",
        "雨夜城市里的一只{animal}",
        (Slot("animal", label="什么动物", example="猫", max_length=20),),
    ),
)


@dataclass(frozen=True)
class Likeness:
    """Somebody with a cameo: what they say of it, and whom they let cast it. Without approval it waits at the desk."""

    handle: str
    terms: Mapping[str, Any] = field(default_factory=dict)
    grantees: tuple[str, ...] = ()
    is_approved: bool = True


LIKENESSES = (
    Likeness(
        "ada",
        {
            "audience": "everyone",
            "limits": {"no_ads": True, "no_politics": True},
            "preferences": "Hair as in the recording, no hats.",
            "restrictions": "No motorcycles. No snakes.",
        },
    ),
    Likeness("bo", {"audience": "mutuals", "ask_first": True}),
    Likeness("cy", {"audience": "approved"}, grantees=("ada",)),
    Likeness("dee"),
    Likeness("kai", is_approved=False),
)
"""One for each audience, and one to be decided. Ada allows the most, because the walk of docs/consent.md is hers."""

_NAMES = (
    ("ada", "Ada", "makes the sea do things", 1994, "NL"),
    ("bo", "Bo", "remixes before breakfast", 1998, "DK"),
    ("cy", "Cy", "one more variation", 1991, "KR"),
    ("dee", "Dee", "robots, mostly kind ones", 1996, "NG"),
    ("teen", "Robin", "fifteen and drawing", 2011, "FR"),
    ("mallory", "Mallory", "here to test the fences", 1989, "US"),
    ("kai", "Kai", "weather collector", 1993, "NZ"),
    ("lin", "林", "猫和雨", 1997, "CN"),
    ("noor", "Noor", "night cities", 1995, "AE"),
    ("ravi", "Ravi", "small machines", 1988, "IN"),
    ("sol", "Sol", "sunsets only", 1999, "MX"),
    ("yuki", "雪", "snow studies", 1992, "JP"),
    ("ines", "Inês", "boats", 1990, "PT"),
    ("omar", "Omar", "deserts and trains", 1987, "EG"),
    ("fern", "Fern", "forests at five", 1994, "GB"),
    ("pavel", "Pavel", "dragons with jobs", 1985, "CZ"),
    ("zuri", "Zuri", "birds", 1998, "KE"),
    ("otto", "Otto", "kitchens", 1979, "DE"),
    ("mina", "Mina", "slow cameras", 1996, "TR"),
    ("jules", "Jules", "noir in pastel", 1991, "CA"),
    ("tomas", "Tomás", "balloons", 1993, "AR"),
    ("elif", "Elif", "whales over towns", 1997, "TR"),
    ("hugo", "Hugo", "fast things", 1995, "SE"),
    ("aria", "Aria", "dancers", 1999, "IT"),
    ("wren", "Wren", "quiet fields", 1990, "IE"),
    ("dmitri", "Dmitri", "space, patiently", 1983, "EE"),
    ("luz", "Luz", "flowers that walk", 1998, "CO"),
    ("sami", "Sami", "storms", 1992, "FI"),
    ("quinn", "Quinn", "same theme, better", 1994, "AU"),
    ("bea", "Bea", "cats in hats", 1996, "ES"),
)
PEOPLE = tuple(
    Character(handle, name, bio, date(year, 1 + index % 12, 1 + index % 28), country)
    for index, (handle, name, bio, year, country) in enumerate(_NAMES)
)
NAMED = ("ada", "bo", "cy", "dee", "teen", "mallory")

_SUBJECTS = (
    ("a small robot", "robot"),
    ("three cats", "cats"),
    ("a whale", "whale"),
    ("a red balloon", "balloon"),
    ("an old train", "train"),
    ("a sleepy dragon", "dragon"),
    ("a paper boat", "boat"),
    ("two birds", "birds"),
    ("a dancing person", "dance"),
    ("a yellow car", "car"),
    ("a rocket", "rocket"),
    ("a fox", "fox"),
    ("a flower", "flowers"),
    ("a dog", "dog"),
)
_PLACES = (
    ("on a beach at sunset", "sea"),
    ("in a city at night", "city"),
    ("in a forest at dawn", "forest"),
    ("in the snowy mountains", "snow"),
    ("in the desert at noon", "desert"),
    ("in space", "space"),
    ("under water", "underwater"),
    ("in a warm kitchen", "kitchen"),
    ("in a field of grass", "field"),
    ("in the sky above clouds", "sky"),
    ("in a street in the rain", "rain"),
)
_MOTIONS = ("running", "flying slowly", "dancing", "spinning", "floating", "walking")
_LINES = ('"hello from over here"', '"wait for me"', '"it is only weather"', '"again, but bigger"', "")
_CHINESE = ("雨夜城市里的一只猫", "海边日落，三只鸟在飞", "雪山上的红色气球", "森林里跳舞的机器人")
_CHANGES = (
    ("the same at night, with snow", "now with snow"),
    ("make it purple and slower", "slower, purpler"),
    ("add two dogs running", "needed dogs"),
    ("the same in the rain", "wet version"),
    ("turn it into a golden sunset", "golden hour"),
    ("everything is flying", "why walk"),
    ('she says "my turn now"', "my turn"),
    ("a storm comes, fast", "storm edit"),
    ("under water this time", "deeper"),
    ("加上烟花和三只猫", "烟花版"),
)
_STYLES = ("none", "none", "film", "anime", "noir", "pastel", "claymation", "neon")
_CAMERAS = ("", "pan", "zoom", "orbit", "static")
_ORIENTATIONS = ("portrait", "portrait", "portrait", "square", "landscape")
REMARKS = (
    "how is this a prompt",
    "the light!!",
    "I stole this for my next remix",
    "the second version is better and I will not be taking questions",
    "这个太好看了",
    "sound on",
    "do it with a whale",
    "ok who taught the robot to dance",
    "this made my evening",
    "can we get it in the rain",
    "0:03 is everything",
    "remixing this tonight",
    "the cat knows something",
)
REPORTS = (
    ("bo", ReportReason.LIKENESS, "That is my neighbour's voice."),
    ("fern", ReportReason.LIKENESS, "Sounds like somebody I know."),
    ("zuri", ReportReason.SPAM, "The same clip for the fifth time."),
    ("otto", ReportReason.HARASSMENT, "Aimed at me, I think."),
    ("lin", ReportReason.COPYRIGHT, "这是我的角色。"),
)
LETTERS = (  # who writes what, and which piece they share with it
    ("ada", "did you see what became of this?", 0),
    ("bo", "it has a hat now. I am not sorry", None),
    ("ada", "remix it again and I will cast you in it", None),
    ("bo", "deal. start here?", 3),
    ("ada", "on it 🐋", None),
)
REPLIES = ("right?", "on it", "same", "加一", "thank you!", "next one is for you")


def pieces() -> Iterator[Piece]:
    """Every post of the world, each after what it is made from: lineages several levels deep, a few stitches."""
    chance = random.Random(SEED)
    made: list[Piece] = []
    for number in range(POSTS):
        # a few early pieces become popular roots; what is remixed once is likelier to be remixed again
        piece = _remix(number, made, chance) if number >= 24 and chance.random() < 0.62 else _root(number, chance)
        made.append(piece)
        yield piece


def _author(number: int, chance: random.Random) -> str:
    return PEOPLE[number % len(PEOPLE)].handle if number < len(PEOPLE) else chance.choice(PEOPLE).handle


def _root(number: int, chance: random.Random) -> Piece:
    subject, tag = chance.choice(_SUBJECTS)
    place, place_tag = chance.choice(_PLACES)
    prompt = f"{subject} {chance.choice(_MOTIONS)} {place} {chance.choice(_LINES)}".strip()
    caption = f"{subject} {place} #{tag} #{place_tag}"
    if number % 11 == 7:
        prompt = chance.choice(_CHINESE)
        caption = f"{prompt} #雨夜"
    return _piece(number, _author(number, chance), (prompt, caption), chance)


def _remix(number: int, made: list[Piece], chance: random.Random) -> Piece:
    parents = [*made[:6] * 4, *made]
    author = _author(number, chance)
    if chance.random() < 0.06:
        first, second = sorted(chance.sample(range(len(made)), 2))
        words = ("both, one after the other", "stitched #together")
        return _piece(number, author, words, chance, (first, second), "stitch")
    source = chance.choice(parents)
    change, remark = chance.choice(_CHANGES)
    tags = " ".join(word for word in source.caption.split() if word.startswith("#"))
    kind = "extend" if chance.random() < 0.1 else "remix"
    return _piece(number, author, (change, f"{remark} {tags}"), chance, (source.number,), kind)


def _piece(  # noqa: PLR0917 - one place that draws looks
    number: int,
    author: str,
    words: tuple[str, str],
    chance: random.Random,
    sources: tuple[int, ...] = (),
    kind: str = "",
) -> Piece:
    prompt, caption = words
    return Piece(
        number=number,
        author=author,
        prompt=prompt,
        caption=caption,
        style=chance.choice(_STYLES),
        camera=chance.choice(_CAMERAS),
        orientation=chance.choice(_ORIENTATIONS),
        sources=sources,
        kind=kind,
    )


_CASTINGS: tuple[tuple[str, str, str, int | None, dict[str, str | None], bool], ...] = (
    # author, prompt, caption, which of these it remixes, who replaces whom, whether it waits
    (
        "bo",
        '@ada flies slowly on a whale above the clouds "hold on"',
        "ada has a whale now #whale #sky",
        None,
        {},
        False,
    ),
    ("cy", "@ada and @cat dancing in a warm kitchen", "kitchen duty #kitchen #cats", None, {}, False),
    ("ada", "@cy walking in the rain with a red balloon", "he said yes #rain #balloon", None, {}, False),
    ("dee", '@dee in a rocket in space "see you"', "mine to cast, so I did #space #rocket", None, {}, False),
    ("kai", "@fox and @ghost flying slowly over a forest at night", "no recording needed #forest", None, {}, False),
    ("noor", '@robot walking in a city at night "sorry for the noise"', "it apologises #city #robot", None, {}, False),
    ("yuki", "@dragon and @teddy in the snowy mountains", "hot chocolate duty #snow", None, {}, False),
    ("ines", "@ada in a paper boat on the sea at sunset", "captain #sea #boat", None, {}, False),
    ("lin", "the same at night, with snow", "ada still on the whale #snow #whale", 0, {}, False),
    ("fern", "the same under water", "recast: a robot #robot #cats", 1, {"@ada": "@robot"}, False),
    ("ada", "@bo dancing in a forest at dawn", "if he lets me #dance #forest", None, {}, True),
    ("mina", "@ada with a motorcycle in the desert", "slow bike #desert", None, {}, True),
)


_CO_CREATORS = {"ada has a whale now #whale #sky": ("ada",)}  # by the caption


def castings() -> list[Piece]:
    """What is made with the cameos, after the other pieces: casts, a remix that inherits, one that swaps, and drafts
    that wait for the owner of a face. A source is among these."""
    chance = random.Random(SEED + 4)
    made = []
    for number, (author, prompt, caption, of, swaps, is_waiting) in enumerate(_CASTINGS, start=POSTS):
        sources, kind = ((), "") if of is None else ((POSTS + of,), "remix")
        piece = _piece(number, author, (prompt, caption), chance, sources, kind)
        invited = _CO_CREATORS.get(caption, ())
        made.append(replace(piece, swaps=swaps, is_waiting=is_waiting, co_creators=invited))
    return made


def follows() -> list[tuple[str, str]]:
    """Who follows whom: a few that many follow, and friends who follow each other."""
    chance = random.Random(SEED + 1)
    handles = [person.handle for person in PEOPLE if person.handle != "mallory"]
    pairs = {(one, "ada") for one in handles if one != "ada"} | {("ada", "bo"), ("bo", "ada"), ("ada", "cy")}
    for one in handles:
        for other in chance.sample(handles, 6):
            if other != one:
                pairs.add((one, other))
                if chance.random() < 0.5:
                    pairs.add((other, one))
    return sorted(pairs)
