"""Faces of the demo world: people who record themselves, and ready-made characters. All of them are drawn.

Nobody's likeness is used: a face is made from its handle, and is the same every time. The recordings speak and turn
as an enrolment asks, so that the demo world enrols through the same door as everybody.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sora_social.studio.providers.preview.drawing import Board, vertical
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, as_bytes, hexed, mix
from sora_social.studio.providers.preview.speech import RATE, Line, speak

Figure = Literal["pet", "toy", "drawing", "persona"]
Samples = NDArray[np.float32]

CATALOGUE: tuple[tuple[str, str, Figure, str], ...] = (
    ("cat", "Miso", "pet", "A ginger cat who has seen the sea once and speaks of little else."),
    ("fox", "Ember", "drawing", "A paper fox, quick with a plan and slow to admit it went wrong."),
    ("robot", "Bolt", "toy", "A tin robot that winds itself up and apologises for the noise."),
    ("teddy", "Button", "toy", "A teddy with one good ear; a fine listener."),
    ("dragon", "Cinder", "persona", "A small dragon who lights candles for a living."),
    ("ghost", "Hush", "persona", "A shy ghost that haunts only libraries."),
)
"""Ready-made characters for people who will not record themselves: handle, display name, figure, description."""

_WIDTH, _HEIGHT, _FPS = 480, 640, 24
_EDGE = 768
_STEPS = 6  # pictures from facing the camera to the side
_LEAD, _PACE, _TAIL = 0.4, 1.05, 1.3  # seconds before the numbers, for each, and for the turn afterwards

_SKINS = ("f6d7c0", "f0c3a0", "e2ab82", "cf9268", "b5784e", "96603c", "74482c", "573620")
_HAIRS = ("1f1a1d", "3b2a22", "5e3d28", "8b5a33", "c08a4a", "e0bd78", "9d3f26", "8d8f96", "4a5fb0", "b0487e")
_CLOTHES = ("d8343a", "f08a2c", "4caf62", "2fb3b0", "3a76d8", "8a56c8", "f27fb0", "3d4452", "e8e2d4")
_WALLS = ("dfe9f2", "f4e3d3", "dcebdc", "e9def0", "f3ecc8", "cfd8e6", "b9c7c9", "efd3d6")
_CUTS = ("short", "bob", "curls", "long", "bun", "fringe", "bald", "swept")


@dataclass(frozen=True)
class _Features:
    """What makes a face somebody's: colours, and lengths in pixels of the finished picture."""

    skin: Colour
    hair: Colour
    cloth: Colour
    wall: Colour
    cut: str
    width: float
    height: float
    eyes_apart: float
    eye: float
    brow: float
    brow_tilt: float
    nose: float
    mouth: float
    has_glasses: bool
    has_beard: bool
    has_freckles: bool
    pitch: int

    @classmethod
    def of(cls, handle: str) -> "_Features":
        rng = random.Random(f"face of {handle}")
        cut = rng.choice(_CUTS)
        return cls(
            skin=hexed(rng.choice(_SKINS)), hair=hexed(rng.choice(_HAIRS)), cloth=hexed(rng.choice(_CLOTHES)),
            wall=hexed(rng.choice(_WALLS)), cut=cut, width=rng.uniform(92, 112), height=rng.uniform(122, 142),
            eyes_apart=rng.uniform(39, 49), eye=rng.uniform(12, 17), brow=rng.uniform(6, 12),
            brow_tilt=rng.uniform(-1, 7), nose=rng.uniform(34, 52), mouth=rng.uniform(28, 42),
            has_glasses=rng.random() < 0.35, has_beard=cut in {"short", "bald", "swept"} and rng.random() < 0.5,
            has_freckles=rng.random() < 0.3, pitch=rng.randrange(6),
        )  # fmt: skip


def record(handle: str, *, numbers: Sequence[int], head_turn: str, directory: Path) -> Path:
    """Record somebody of the demo world for an enrolment: an MP4 of H.264 and AAC, 480x640, about 5 s.

    The face blinks, speaks the numbers and then turns to `head_turn`, "left" or "right" as the speaker has it. Without
    a voice installed it hums, and what was spoken is for a person to judge. Returns the file, named by the handle.
    """
    features = _Features.of(handle)
    seconds = _LEAD + _PACE * len(numbers) + _TAIL
    sound = _spoken(numbers, features.pitch, seconds)
    path = directory / f"{handle}.mp4"
    _encode(path, _performance(features, sound, seconds, 1.0 if head_turn == "left" else -1.0), sound)
    return path


def picture(name: str, kind: str, *, directory: Path) -> Path:
    """Draw a ready-made character, a PNG of 768x768 in the manner of its `kind`. Raises KeyError for an unknown name.

    A drawing has an inked rim, a toy a stitched one, a persona a light of its own; a pet has its portrait plain.
    """
    path = directory / f"{name}.png"
    _portrait(name, kind).save(path, "PNG")
    return path


# the recording


def _spoken(numbers: Sequence[int], pitch: int, seconds: float) -> Samples:
    """Mono samples at RATE, -1..1: the numbers, one after another."""
    lines = [Line(str(number), _LEAD + _PACE * place, pitch) for place, number in enumerate(numbers)]
    cues, track = speak(lines, seconds=seconds)
    if track is not None:
        return track
    t = np.arange(round(seconds * RATE)) / RATE
    heard = np.zeros_like(t)
    for cue in cues:
        heard[(t >= cue.start) & (t < cue.end)] = 0.2
    return np.asarray(heard * np.sin(math.tau * (130 + 12 * pitch) * t), np.float32)


def _performance(features: _Features, sound: Samples, seconds: float, side: float) -> Iterator[Image.Image]:
    """The pictures of a recording. A face repeats few poses, so each is drawn once; swaying makes them differ."""
    wall = vertical((_WIDTH, _HEIGHT), (mix(features.wall, WHITE, 0.25), mix(features.wall, BLACK, 0.18)))
    poses: dict[tuple[int, int, bool], Image.Image] = {}
    turning_at = seconds - _TAIL
    for number in range(round(seconds * _FPS)):
        t = number / _FPS
        heard = sound[round(t * RATE) : round((t + 1 / _FPS) * RATE)]
        loudness = float(np.sqrt(np.mean(heard**2))) if heard.size else 0.0
        mouth = min(3, round(loudness * 30))
        turn = round(_STEPS * math.sin(math.pi * min(1.0, max(0.0, (t - turning_at) / (_TAIL - 0.15)))))
        pose = (turn, mouth, t % 1.9 < 0.1)
        if pose not in poses:
            poses[pose] = _head(features, turn=side * turn / _STEPS, mouth=mouth / 3, is_blinking=pose[2])
        shown = wall.copy()
        shown.paste(
            poses[pose], (round(5 * math.sin(t * 1.7)), round(10 + 3 * math.sin(t * 2.6))), poses[pose].getchannel("A")
        )
        yield shown


def _encode(path: Path, pictures: Iterator[Image.Image], sound: Samples) -> None:
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=_FPS, options={"preset": "veryfast", "crf": "24", "tune": "animation"})
        video.width, video.height, video.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        video.thread_count = 1
        voice = out.add_stream("aac", rate=RATE, layout="mono")
        for number, shown in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.asarray(shown), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        heard = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[np.newaxis]), format="fltp", layout="mono")
        heard.sample_rate, heard.pts, heard.time_base = RATE, 0, Fraction(1, RATE)
        out.mux(voice.encode(heard))
        out.mux(voice.encode(None))


# a face


def _head(features: _Features, *, turn: float, mouth: float, is_blinking: bool) -> Image.Image:
    """Head and shoulders, RGBA. `turn` runs from -1 to 1, to the right of the picture; `mouth` from shut to open."""
    board = Board(_WIDTH, _HEIGHT)
    middle, centre = 240.0, 290.0
    shade = mix(features.skin, BLACK, 0.2)
    _back_hair(board, features, middle - turn * 16, centre)
    board.oval(middle, 640, 205, 150, features.cloth)
    board.oval(middle, 500, 62, 46, mix(features.cloth, BLACK, 0.25))
    board.box(middle - 42, 380, 84, 115, shade, round_by=30)
    for side in (-1, 1):
        if side * turn < 0.6:  # the far ear hides behind the head
            board.oval(middle + side * (features.width - 2) - turn * 22, centre + 8, 17, 27, shade)
    board.oval(middle, centre, features.width, features.height, features.skin)
    board.oval(middle + turn * 12, centre + features.height * 0.45, features.width * 0.74, features.height * 0.52,
               features.skin)  # fmt: skip
    if features.has_beard:
        _beard(board, features, middle + turn * 26, centre)
    _features(board, features, middle, centre, turn=turn, mouth=mouth, is_blinking=is_blinking)
    _front_hair(board, features, middle + turn * 10, centre)
    return board.done()


def _features(
    board: Board, own: _Features, middle: float, centre: float, *, turn: float, mouth: float, is_blinking: bool
) -> None:
    shade, ink = mix(own.skin, BLACK, 0.24), mix(own.hair, BLACK, 0.45)
    narrow = 1 - 0.3 * abs(turn)
    eyes, lips = centre - 14, centre + own.height * 0.52
    face = middle + turn * 44
    for side in (-1, 1):
        x = face + side * own.eyes_apart * narrow
        board.oval(x, eyes, own.eye * 1.9 * narrow, own.eye * 1.5, mix(own.skin, BLACK, 0.16))
        if is_blinking:
            board.arc(x, eyes - 2, own.eye * narrow, 6, 10, 170, 4, ink)
        else:
            board.oval(x, eyes, own.eye * 1.35 * narrow, own.eye * 0.85, mix(own.skin, WHITE, 0.8))
            board.oval(x + turn * 5, eyes, own.eye * 0.72 * narrow, own.eye * 0.8, hexed("2a1d1a"))
            board.oval(x + turn * 5 - 3, eyes - 4, 3, 3, WHITE)
        upper = eyes - own.eye - 16
        board.stroke([(x - 24 * narrow, upper - own.brow_tilt * side), (x, upper - 6),
                      (x + 24 * narrow, upper + own.brow_tilt * side)], own.brow, ink)  # fmt: skip
        board.oval(face + side * 58 * narrow, centre + 38, 19 * narrow, 13, mix(own.skin, hexed("e0604c"), 0.28))
        if own.has_freckles:
            for step in range(4):
                board.oval(face + side * (34 + step * 11) * narrow, centre + 24 + 9 * (step % 2), 2.6, 2.6, shade)
        if own.has_glasses:
            board.arc(x, eyes, 37 * narrow, 32, 0, 360, 6, hexed("2c2f38"))
    nose = middle + turn * 60
    tip = centre + own.nose
    bridge = [(nose - 3, centre - 8), (nose + 4, centre - 8), (nose + 17, tip), (nose - 17, tip)]
    board.polygon(bridge, mix(own.skin, BLACK, 0.1))
    board.oval(nose, tip, 18, 8, shade)
    if own.has_glasses:
        board.stroke([(face - 10, eyes - 4), (face + 10, eyes - 4)], 6, hexed("2c2f38"))
    lip = mix(own.skin, hexed("a02c3c"), 0.6)
    if mouth > 0:
        board.oval(face, lips, own.mouth * (1 - 0.2 * mouth) * narrow, 8 + 20 * mouth, lip)
        board.oval(face, lips, own.mouth * 0.74 * narrow, 2 + 18 * mouth, hexed("4a1620"))
        board.box(
            face - own.mouth * 0.45 * narrow, lips - 14 * mouth - 1, own.mouth * 0.9 * narrow, 6 * mouth + 1, WHITE
        )
    else:
        board.arc(face, lips - 12, own.mouth * 1.15 * narrow, 18, 18, 162, 6, mix(lip, BLACK, 0.3))


def _beard(board: Board, own: _Features, middle: float, centre: float) -> None:
    low = centre + own.height * 0.62
    board.oval(middle - 6, low, own.width * 0.72, own.height * 0.42, own.hair)
    board.oval(middle, low - 34, own.width * 0.56, own.height * 0.26, own.skin)


def _back_hair(board: Board, own: _Features, middle: float, centre: float) -> None:
    wide, high = own.width, own.height
    if own.cut in {"bob", "fringe"}:
        board.box(middle - wide - 22, centre - high * 0.6, 2 * wide + 44, high * 1.5, own.hair, round_by=46)
    elif own.cut == "long":
        board.box(middle - wide - 26, centre - high * 0.6, 2 * wide + 52, high * 2.1, own.hair, round_by=70)
    elif own.cut == "curls":
        for step in range(14):
            turn = math.pi * (0.86 + 1.28 * step / 13)
            board.oval(middle + math.cos(turn) * (wide + 16), centre - 30 + math.sin(turn) * high, 44, 44, own.hair)
    elif own.cut == "bun":
        board.oval(middle, centre - high - 44, 52, 48, own.hair)
    if own.cut != "bald":
        board.oval(middle, centre - 26, wide + 14, high + 6, own.hair)


def _front_hair(board: Board, own: _Features, middle: float, centre: float) -> None:
    wide, high = own.width, own.height
    if own.cut == "bald":
        return
    rim = [math.pi + math.pi * step / 20 for step in range(21)]
    crown = [(middle + math.cos(turn) * (wide + 10), centre - 16 + math.sin(turn) * (high + 8)) for turn in rim]
    lower = {
        "swept": [(0.98, 0.4), (0.2, 0.66), (-0.96, 0.34)],
        "long": [(1.0, 0.1), (0.0, 0.9), (-1.0, 0.1)],
        "fringe": [(0.98, 0.36), (0.7, 0.42), (-0.7, 0.42), (-0.98, 0.36)],
    }.get(own.cut, [(0.98, 0.36), (0.7, 0.6), (-0.7, 0.6), (-0.98, 0.36)])
    board.polygon([*crown, *((middle + wide * right, centre - high * up) for right, up in lower)], own.hair)


# ready-made characters: drawn in a box of 100 by 100 units


def _portrait(name: str, kind: str) -> Image.Image:
    draw, upper, lower = _CHARACTERS[name]
    shown = vertical((_EDGE, _EDGE), (hexed(upper), hexed(lower))).convert("RGBA")
    board = Board(100, 100, unit=_EDGE / 100)
    if kind == "persona":
        board.oval(50, 52, 44, 44, WHITE, 0.28)
    else:
        board.oval(50, 94, 36, 5, BLACK, 0.12)
    draw(board)
    figure = board.done()
    if kind in {"drawing", "toy"}:
        shown.alpha_composite(_rim(figure, WHITE if kind == "drawing" else hexed("3a2f38")))
    shown.alpha_composite(figure)
    return shown.convert("RGB")


def _rim(figure: Image.Image, colour: Colour) -> Image.Image:
    """The figure's outline grown by a few pixels, in one colour."""
    wide = figure.getchannel("A").resize((_EDGE + 24, _EDGE + 24)).crop((12, 12, _EDGE + 12, _EDGE + 12))
    rim = Image.new("RGBA", figure.size, (*as_bytes(colour), 255))
    rim.putalpha(wide)
    return rim


def _eyes(board: Board, y: float, apart: float, size: float, *, ink: Colour = (34.0, 28.0, 38.0)) -> None:
    for side in (-1, 1):
        board.oval(50 + side * apart, y, size, size * 1.15, ink)
        board.oval(50 + side * apart - size * 0.3, y - size * 0.4, size * 0.34, size * 0.34, WHITE)


def _cheeks(board: Board, y: float, apart: float, skin: Colour) -> None:
    for side in (-1, 1):
        board.oval(50 + side * apart, y, 4.6, 3, mix(skin, hexed("f2788a"), 0.6))


def _cat(board: Board) -> None:
    coat, dark, pale = hexed("ef9a4b"), hexed("c8702a"), hexed("fff1de")
    board.oval(50, 96, 27, 22, coat)
    board.oval(50, 97, 14, 17, pale)
    for side in (-1, 1):
        board.polygon([(50 + side * 30, 14), (50 + side * 7, 30), (50 + side * 31, 48)], coat)
        board.polygon([(50 + side * 26.5, 21), (50 + side * 14, 31), (50 + side * 27, 42)], hexed("f7b7a8"))
    board.oval(50, 51, 33, 27, coat)
    for place in (-8, 0, 8):
        board.polygon([(50 + place - 2.4, 24.5), (50 + place + 2.4, 24.5), (50 + place, 36 - abs(place) * 0.5)], dark)
    board.oval(50, 62, 15, 10.5, pale)
    _eyes(board, 50, 13.5, 4.8)
    _cheeks(board, 60, 22, coat)
    board.polygon([(47, 57), (53, 57), (50, 60.5)], hexed("d8566a"))
    for side in (-1, 1):
        board.arc(50 + side * 3.4, 61, 3.4, 3.6, 15, 165, 1.0, hexed("5a2f1e"))
        for drop in (-2, 2):
            board.stroke([(50 + side * 17, 60 + drop * 0.5), (50 + side * 34, 59 + drop * 1.9)], 0.6, pale)


def _fox(board: Board) -> None:
    coat, dark, pale = hexed("e2662c"), hexed("4a2a26"), hexed("fff4e6")
    board.polygon([(24, 100), (34, 70), (66, 70), (76, 100)], coat)
    board.polygon([(38, 76), (62, 76), (50, 99)], pale)
    for side in (-1, 1):
        board.polygon([(50 + side * 34, 8), (50 + side * 5, 32), (50 + side * 32, 46)], coat)
        board.polygon([(50 + side * 34, 8), (50 + side * 22.5, 17.5), (50 + side * 33.3, 22)], dark)
    board.polygon([(16, 44), (34, 27), (66, 27), (84, 44), (50, 82)], coat)
    for side in (-1, 1):
        board.polygon([(50 + side * 34, 44), (50 + side * 8, 53), (50, 82)], pale)
    _eyes(board, 47, 14, 3.8)
    board.oval(50, 79.5, 4.4, 3.5, dark)


def _robot(board: Board) -> None:
    tin, dark, lamp = hexed("8fb4c4"), hexed("4f7284"), hexed("ffd24a")
    board.box(30, 74, 40, 30, mix(tin, BLACK, 0.1), round_by=5)
    board.box(37, 81, 26, 13, hexed("2d3f4a"), round_by=2)
    for place, colour in enumerate(("ff6b5e", "ffd24a", "6fdc8c")):
        board.oval(42 + place * 8, 87.5, 2.3, 2.3, hexed(colour))
    board.box(44, 66, 12, 10, dark, round_by=2)
    board.stroke([(50, 22), (50, 11)], 2, dark)
    board.oval(50, 9, 4, 4, hexed("ff6b5e"))
    for side in (-1, 1):
        board.box(50 + side * 34 - 4, 38, 8, 18, dark, round_by=3)
    board.box(19, 21, 62, 48, tin, round_by=11)
    board.box(25, 28, 50, 33, hexed("24343e"), round_by=8)
    for side in (-1, 1):
        board.oval(50 + side * 12, 42, 6, 6, lamp)
        board.oval(50 + side * 12 - 1.6, 40.2, 1.8, 1.8, WHITE)
    board.arc(50, 50, 8, 5, 15, 165, 2, lamp)
    for x, y in ((23.5, 25.5), (76.5, 25.5), (23.5, 64.5), (76.5, 64.5)):
        board.oval(x, y, 1.4, 1.4, dark)


def _teddy(board: Board) -> None:
    coat, dark, pale = hexed("b07a4c"), hexed("8a5a34"), hexed("ecd0a6")
    board.oval(50, 99, 29, 26, coat)
    board.oval(50, 100, 17, 18, pale)
    for side in (-1, 1):
        board.oval(50 + side * 25, 24, 13, 13, coat)
        board.oval(50 + side * 25, 24, 7.4, 7.4, pale if side < 0 else hexed("d8566a"))
    board.oval(50, 48, 34, 30, coat)
    board.oval(50, 58, 17, 13.5, pale)
    for side in (-1, 1):
        board.oval(50 + side * 14, 43, 5, 5, hexed("2a2028"))
        for dot in (-1.4, 1.4):
            board.oval(50 + side * 14 + dot, 43 + dot, 0.8, 0.8, pale)
    board.oval(50, 53, 5, 3.6, hexed("3a241c"))
    board.stroke([(50, 56), (50, 61)], 1.1, hexed("3a241c"))
    board.arc(50, 60, 6, 4.5, 15, 165, 1.1, hexed("3a241c"))
    for step in range(4):
        board.stroke([(72 + step * 2.2, 15 + step * 1.6), (70.5 + step * 2.2, 18 + step * 1.6)], 0.8, dark)
    board.polygon([(50, 78), (36, 72), (36, 85)], hexed("d8343a"))
    board.polygon([(50, 78), (64, 72), (64, 85)], hexed("d8343a"))
    board.oval(50, 78, 4, 4, hexed("a8242c"))


def _dragon(board: Board) -> None:
    coat, dark, pale = hexed("4fb37a"), hexed("2d7d58"), hexed("e9f3c4")
    for side in (-1, 1):
        board.polygon([(50 + side * 20, 78), (50 + side * 47, 56), (50 + side * 45, 74), (50 + side * 48, 88)], dark)
    board.oval(50, 98, 25, 24, coat)
    for step in range(4):
        board.oval(50, 84 + step * 6, 13, 3.4, pale)
    for side in (-1, 1):
        board.polygon([(50 + side * 13, 27), (50 + side * 27, 5), (50 + side * 25, 31)], hexed("a8643c"))
        board.polygon([(50 + side * 28, 42), (50 + side * 46, 32), (50 + side * 31, 56)], coat)
    for x, rise in ((42, 6), (50, 10), (58, 6)):
        board.polygon([(x - 4, 26), (x, 20 - rise), (x + 4, 26)], hexed("f28c4a"))
    board.oval(50, 45, 30, 25, coat)
    board.oval(50, 61, 24, 15, mix(coat, WHITE, 0.22))
    _eyes(board, 41, 13, 5.2)
    _cheeks(board, 53, 23, coat)
    for side in (-1, 1):
        board.oval(50 + side * 8, 57, 1.9, 1.5, dark)
        board.polygon([(50 + side * 12, 67), (50 + side * 16, 66), (50 + side * 14.4, 71)], WHITE)
    board.arc(50, 63, 16, 6, 15, 165, 1.3, dark)


def _ghost(board: Board) -> None:
    sheet, shade = hexed("f6f4ff"), hexed("d6d0f0")
    crown = [
        (50 + 31 * math.cos(turn), 44 + 33 * math.sin(turn)) for turn in (math.pi * (1 + s / 24) for s in range(25))
    ]
    hem = [(81 - step * 62 / 24, 88 + 4.5 * math.sin(step / 24 * math.tau * 3)) for step in range(25)]
    board.polygon([*crown, *hem], sheet)
    board.polygon([(81, 44), *hem[:5], (74, 62)], shade)
    for side in (-1, 1):
        board.tilted(50 + side * 33, 62, 9, 5, side * 35, sheet)
    _eyes(board, 45, 11.5, 5.4)
    _cheeks(board, 55, 18, sheet)
    board.oval(50, 57, 3.4, 4.2, hexed("3a2f52"))
    board.box(58, 70, 17, 13, hexed("b5483e"), round_by=1)
    board.box(60.5, 70, 2, 13, hexed("8c342c"))
    board.box(65, 73.5, 7.5, 1.8, hexed("f3d9a6"))


_CHARACTERS: dict[str, tuple[Callable[[Board], None], str, str]] = {
    "cat": (_cat, "bfe3ef", "8fc4dc"),
    "fox": (_fox, "cfe6c0", "93c196"),
    "robot": (_robot, "ffe3bd", "f6b98a"),
    "teddy": (_teddy, "f9d5dc", "e6a4b8"),
    "dragon": (_dragon, "ffdf9e", "f29a6a"),
    "ghost": (_ghost, "8f86cf", "4c4586"),
}
