"""Actors: the subjects of a prompt, each with its poses drawn beforehand and its way through the picture."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from PIL import Image

from sora_social.studio.providers.preview import creatures, figures, things
from sora_social.studio.providers.preview.creatures import BUILDS, Inks
from sora_social.studio.providers.preview.drawing import Board, Point
from sora_social.studio.providers.preview.looks import modelled
from sora_social.studio.providers.preview.palette import BLACK, NAMED, mix
from sora_social.studio.providers.preview.places import Place
from sora_social.studio.providers.preview.planes import Canvas, Sprite, sprite_of
from sora_social.studio.providers.preview.reading import Subject
from sora_social.studio.providers.preview.stage import Stage

Drawing = Callable[[Board, float, Inks], None]


@dataclass(frozen=True)
class Kind:
    """What a subject is: its drawing, its size (share of the short edge), its element and what it does by itself."""

    draw: Drawing
    size: float
    element: str = "land"
    habit: str = "walk"
    poses: int = 6


def _animal(name: str, size: float, habit: str = "walk") -> Kind:
    return Kind(partial(creatures.quadruped, build=BUILDS[name]), size, habit=habit)


KINDS: Mapping[str, Kind] = {
    "cat": _animal("cat", 0.36), "dog": _animal("dog", 0.36, "run"), "fox": _animal("fox", 0.36, "run"),
    "horse": _animal("horse", 0.5, "run"), "rabbit": _animal("rabbit", 0.3, "jump"), "bear": _animal("bear", 0.48),
    "panda": _animal("panda", 0.46), "elephant": _animal("elephant", 0.56),
    "robot": Kind(figures.robot, 0.46), "person": Kind(figures.person, 0.46),
    "astronaut": Kind(figures.astronaut, 0.46), "ghost": Kind(figures.ghost, 0.34, "air", "fly"),
    "bird": Kind(creatures.bird, 0.24, "air", "fly", 8), "butterfly": Kind(creatures.butterfly, 0.16, "air", "fly"),
    "dragon": Kind(creatures.dragon, 0.6, "air", "fly", 8), "fish": Kind(creatures.fish, 0.28, "water", "swim"),
    "whale": Kind(creatures.whale, 0.62, "water", "swim", 8),
    "jellyfish": Kind(creatures.jellyfish, 0.3, "water", "swim", 8),
    "turtle": Kind(creatures.turtle, 0.32, "water", "swim", 8), "car": Kind(things.car, 0.5, "land", "run", 4),
    "bicycle": Kind(things.bicycle, 0.46, "land", "run", 8), "train": Kind(things.train, 0.78, "land", "run", 4),
    "boat": Kind(things.boat, 0.42, "float", "walk", 8), "balloon": Kind(things.balloon, 0.38, "air", "drift", 8),
    "plane": Kind(things.plane, 0.42, "air", "fly", 2), "rocket": Kind(things.rocket, 0.44, "air", "rise", 4),
    "ufo": Kind(things.ufo, 0.38, "air", "fly", 5), "ball": Kind(things.ball, 0.18, "land", "jump", 6),
    "flower": Kind(things.flower, 0.3, "land", "rest"), "tree": Kind(things.tree, 0.5, "land", "rest"),
    "house": Kind(things.house, 0.46, "land", "rest", 1), "food": Kind(things.food, 0.4, "land", "rest", 8),
    "cake": Kind(things.cake, 0.36, "land", "rest", 6), "fruit": Kind(things.fruit, 0.22, "land", "rest", 1),
    "mushroom": Kind(things.mushroom, 0.26, "land", "rest"), "snowman": Kind(things.snowman, 0.38, "land", "rest", 1),
    "star": Kind(things.star, 0.26, "air", "fall", 5),
}  # fmt: skip
CROSSING = {"run": 0.24, "walk": 0.10, "fly": 0.16, "swim": 0.12, "drift": 0.06}
BEATS = {
    "run": 2.2,
    "walk": 1.1,
    "fly": 1.5,
    "swim": 1.0,
    "dance": 1.7,
    "jump": 1.2,
    "rest": 0.4,
    "drift": 0.35,
    "rise": 3.0,
}
SPINS = 16
ASIDE = (-0.16, 0.22, -0.34, 0.36)  # where single subjects stand beside each other, in widths from the middle
FEET = 0.875  # where the feet are in a sprite: at 96 of 100 units, with a margin of 12 around


@dataclass(frozen=True)
class Actor:
    """One figure on its way. `home` is where its feet (or its middle, aloft) would rest, in pixels."""

    poses: tuple[Sprite, ...]
    shadow: Sprite | None
    home: Point
    size: float
    motion: str
    pace: float
    turn: float
    heading: int
    span: float
    speed: float
    depth: float

    def paint(self, canvas: Canvas, t: float, pan: Point) -> None:
        beat = (t * BEATS.get(self.motion, 1.0) * self.pace + self.turn) % 1.0
        x, y = self._place(t, beat)
        x, y = x - pan[0] * self.depth, y - pan[1] * self.depth
        if self.shadow is not None:
            lift = max(0.0, self.home[1] - pan[1] * self.depth - y)
            if lift < self.size * 0.7:
                width, height = self.shadow.size
                canvas.blit(self.shadow, x - width / 2, self.home[1] - pan[1] * self.depth - height * 0.55)
        sprite = self.poses[int(beat * len(self.poses)) % len(self.poses)]
        canvas.blit(sprite, x - sprite.size[0] / 2, y - sprite.size[1] * (FEET if self.shadow is not None else 0.5))

    def _place(self, t: float, beat: float) -> Point:
        x, y = self.home
        swing, size = math.sin(beat * math.tau), self.size
        if self.motion in CROSSING:
            track = self.span + size * 1.3
            gone = self.speed * t * self.heading
            x = (x + size * 0.65 + gone) % track - size * 0.65
            calm = {"run": 0.02, "walk": 0.012}.get(self.motion, 0.0)
            aloft = 0.0 if calm else size * 0.14 * math.sin((t * 0.33 * self.pace + self.turn) * math.tau)
            return x, y - abs(swing) * size * calm + aloft
        if self.motion == "dance":
            return x + swing * size * 0.09, y - abs(swing) * size * 0.12
        if self.motion == "jump":
            drift = size * 0.5 * math.sin((t * 0.16 * self.pace + self.turn) * math.tau)
            return x + drift, y - size * 0.75 * (1 - (beat * 2 - 1) ** 2)
        if self.motion in {"fall", "rise"}:
            track = y + size
            gone = (t * (0.34 if self.motion == "fall" else 0.2) * self.pace + self.turn) % 1.0
            share = gone if self.motion == "fall" else 1 - gone
            return x + size * 0.1 * math.sin(t * 2 + self.turn * 6), share * (track + size * 1.2) - size * 0.6
        if self.motion == "spin":
            return x, y - size * 0.05 * abs(math.sin(t * 2 + self.turn))
        return x, y


def cast_actors(stage: Stage, place: Place) -> list[Actor]:
    """The subjects of the stage's meaning as actors, the farthest first."""
    subjects = stage.meaning.subjects
    total = sum(subject.count for subject in subjects)
    actors: list[Actor] = []
    for order, subject in enumerate(subjects):
        actors.extend(_group(stage, place, subject, order=order, total=total))
    return sorted(actors, key=lambda actor: (actor.shadow is not None, actor.home[1]))


def _group(stage: Stage, place: Place, subject: Subject, *, order: int, total: int) -> list[Actor]:
    kind = KINDS[subject.kind]
    motion = subject.motion or stage.meaning.motion or kind.habit
    if kind.habit == "rest" and motion in {"run", "walk", "swim", "fly"} and not subject.motion:
        motion = "rest"
    element = _element(kind, motion, place)
    size = kind.size * stage.short * (1.25 if total == 1 else 1.0 if total <= 3 else 0.78) * (0.8 if order else 1.0)
    if place.is_indoors and size > stage.short * 0.5:
        size = stage.short * 0.5
    if element == "float" or (element == "water" and not place.is_weightless):
        size *= 0.75
    heading = 1 if stage.pick(2) else -1
    sheets = _draw_poses(stage, kind, subject, motion, size)
    poses = {facing: tuple(_finished(stage, sheet, facing) for sheet in sheets) for facing in (1, -1)}
    shadow = _shadow(stage, size) if element == "land" and motion not in {"fall", "rise"} else None
    actors = []
    for member in range(subject.count):
        share = (member + 0.5) / subject.count
        x = stage.width * (0.5 + (share - 0.5) * 0.86)
        if subject.count == 1 and len(stage.meaning.subjects) > 1:
            x += stage.width * ASIDE[order]
        facing = heading if motion in CROSSING else (1 if x < stage.width / 2 else -1)
        speed = CROSSING.get(motion, 0.0) * stage.meaning.pace * stage.width
        if motion in CROSSING and subject.count == 1 and not order:
            # The hero takes the whole clip to cross, and is never out of sight.
            speed = min(speed, 0.56 * stage.width / stage.seconds)
            x = stage.width / 2 - facing * speed * stage.seconds / 2
        level = _level(
            place, element, order=order, uneven=(member * 0.618 + order * 0.37) % 1.0, is_alone=subject.count == 1
        )
        actors.append(
            Actor(
                poses=poses[facing], shadow=shadow, home=(x, level * stage.height),
                size=size, motion=motion, pace=stage.meaning.pace * (1 + 0.08 * math.sin(member * 2.4 + order)),
                turn=(member * 0.37 + order * 0.21) % 1.0, heading=facing, span=float(stage.width),
                speed=speed, depth=0.9,
            )
        )  # fmt: skip
    return actors


def _element(kind: Kind, motion: str, place: Place) -> str:
    """Where a thing is in this place: what swims takes to the air when there is no water, as in a dream."""
    if place.is_weightless or motion in {"fly", "fall", "rise"}:
        return "air"
    if kind.element in {"water", "float"} or motion == "swim":
        return (
            ("water" if kind.element == "water" else "float")
            if place.water
            else ("air" if kind.element == "water" else "land")
        )
    return kind.element


def _level(place: Place, element: str, *, order: int, uneven: float, is_alone: bool) -> float:
    """How far down a thing stands or floats, as a share of the height; `uneven` (0..1) spreads a group."""
    if element == "land":
        low, high = place.ground
        return low + (high - low) * ((0.0 if order else 0.2) if is_alone else uneven)
    if element in {"water", "float"}:
        return place.water + 0.05 * uneven + (0.02 if element == "water" else 0.0)
    low, high = place.air
    return low + (high - low) * ((0.2 if order else 0.55) if is_alone else uneven * 0.8 + 0.1)


def _draw_poses(stage: Stage, kind: Kind, subject: Subject, motion: str, size: float) -> list[Image.Image]:
    own = NAMED[subject.colour] if subject.colour else None
    inks = Inks(stage.palette, own, motion)
    light = mix(stage.palette.sun, stage.palette.haze, 0.3)
    ink = mix(stage.palette.top, BLACK, 0.6)
    count = 1 if motion == "spin" else kind.poses
    sheets = []
    for step in range(count):
        board = Board(124, 124, unit=size / 100, scale=2)
        kind.draw(board.moved(12, 12), step / count, inks)
        sheets.append(modelled(board.done(), stage.look, light=light, ink=ink))
    if motion == "spin":
        return [sheets[0].rotate(-step * 360 / SPINS, Image.Resampling.BILINEAR) for step in range(SPINS)]
    return sheets


def _finished(stage: Stage, sheet: Image.Image, facing: int) -> Sprite:
    turned = sheet if facing > 0 else sheet.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return sprite_of(stage.look.graded(turned), grain=stage.grain if stage.look.texture else None)


def _shadow(stage: Stage, size: float) -> Sprite:
    board = Board(size * 0.9, size * 0.16)
    board.oval(size * 0.45, size * 0.08, size * 0.4, size * 0.065, mix(stage.palette.lit("1a2030"), BLACK, 0.5))
    sheet = board.done()
    sheet.putalpha(sheet.getchannel("A").point(lambda level: round(level * 0.34)))
    return stage.sprite(sheet, rough=False)
