"""Living things, drawn side-on and facing right in a box of 100 by 100 units, feet at 96.

Each is drawn once per step of its movement: `phase` runs from 0 to 1 through one stride, beat or sway.
"""

import math
from dataclasses import dataclass

from sora_social.studio.providers.preview.drawing import Board
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, Palette, hexed, mix


@dataclass(frozen=True)
class Inks:
    """The colours a drawing may use: things in the scene's light, and the colour asked for, if any."""

    palette: Palette
    own: Colour | None = None
    pose: str = ""

    def of(self, code: str) -> Colour:
        return self._shown(hexed(code))

    def coat(self, code: str) -> Colour:
        """The main colour: the one asked for, else the usual one."""
        return self._shown(self.own if self.own is not None else hexed(code))

    def _shown(self, colour: Colour) -> Colour:
        """What the picture is about stays a little brighter than the dark around it."""
        return mix(self.palette.lit(colour), colour, 0.3 if self.palette.is_dark else 0.06)

    @property
    def dark(self) -> Colour:
        return self.palette.lit("23202b")


@dataclass(frozen=True)
class Build:
    """How a four-legged animal is built, in units."""

    coat: str
    belly: str
    long: float = 25
    deep: float = 14
    leg: float = 7
    stand: float = 60
    head: float = 14
    neck: float = 8
    ear: str = "point"
    tail: str = "thin"
    snout: float = 5
    limbs: str = ""
    mask: str = ""


BUILDS = {
    "cat": Build("e2954a", "f7e3c8"),
    "dog": Build("c98b54", "f6ead8", long=26, ear="flop", tail="up", snout=9, head=14.5),
    "fox": Build("dd6b2f", "fbeedd", ear="tall", tail="bushy", snout=9, deep=12, limbs="4a2c24"),
    "horse": Build("9a5f3c", "b98360", long=27, leg=6, stand=50, head=10, neck=24, tail="plume", snout=12),
    "rabbit": Build("d9cbbd", "fbf5ee", long=20, deep=15, stand=66, ear="long", tail="puff", snout=4, head=13),
    "bear": Build("7b5136", "a97c58", long=30, deep=20, leg=11, stand=58, head=17, ear="round", tail="puff", snout=9),
    "panda": Build("f5f2ec", "f5f2ec", long=28, deep=20, leg=12, stand=58, head=19, ear="round", tail="puff", snout=6,
                   limbs="2b2930", mask="2b2930"),
    "elephant": Build("93a0ad", "aab5c0", long=31, deep=22, leg=12, stand=50, head=18, ear="fan", tail="thin", snout=5),
}  # fmt: skip


def quadruped(board: Board, phase: float, inks: Inks, build: Build) -> None:
    coat = inks.coat(build.coat)
    belly = mix(inks.of(build.belly), coat, 0.25 if inks.own else 0.0)
    limbs = inks.of(build.limbs) if build.limbs else mix(coat, BLACK, 0.12)
    swing, bob = math.sin(phase * math.tau), abs(math.sin(phase * math.tau)) * 2
    body_x, body_y = 44.0, build.stand - bob
    if inks.pose == "rest":
        body_y, swing = 84 - build.deep, 0.0
    _tail(board, body_x - build.long, body_y - 3, swing, coat, belly, build)
    for side, shade in ((-1, 0.22), (1, 0.0)):
        for end, lead in ((-0.62, side), (0.66, -side)):
            hip = body_x + build.long * end + side * 2.5
            reach = swing * lead * 9
            lift = max(0.0, swing * lead) * 5
            knee = (hip + reach * 0.5 + 1.5, (body_y + 96) / 2 + 2)
            colour = mix(limbs, BLACK, shade)
            board.stroke([(hip, body_y + build.deep * 0.3), knee, (hip + reach, 94 - lift)], build.leg, colour)
            board.oval(hip + reach + 2, 94 - lift, build.leg * 0.7, 3, colour)
    board.oval(body_x, body_y, build.long, build.deep, coat)
    board.oval(body_x + 2, body_y + build.deep * 0.42, build.long * 0.75, build.deep * 0.5, belly)
    head_x, head_y = body_x + build.long * 0.92, body_y - build.deep * 0.55 - build.neck + bob * 0.6
    if build.neck > 12:
        board.polygon(
            [(body_x + 10, body_y - 8), (body_x + 25, body_y + 6), (head_x + 6, head_y + 5), (head_x - 7, head_y - 3)],
            coat,
        )
        board.polygon(
            [(body_x + 10, body_y - 9), (head_x - 3, head_y - 12), (head_x - 11, head_y - 2), (body_x + 3, body_y - 7)],
            inks.of("3f2a22"),
        )
    _head(board, head_x, head_y, swing, coat, belly, inks, build)


def _tail(board: Board, x: float, y: float, swing: float, coat: Colour, tip: Colour, build: Build) -> None:  # noqa: PLR0917 - geometry reads by position
    shade = mix(coat, BLACK, 0.08)
    if build.tail == "puff":
        board.oval(x - 1, y + 2, 6, 6, tip)
    elif build.tail == "bushy":
        board.tilted(x - 10, y - 4 - swing * 3, 16, 7, 28 + swing * 10, shade)
        board.tilted(x - 20, y - 10 - swing * 5, 7, 4.5, 28 + swing * 10, tip)
    elif build.tail == "plume":
        board.stroke([(x + 3, y), (x - 7, y + 6), (x - 10 - swing * 3, y + 24)], 6, shade)
    else:
        rise = 24 if build.tail == "thin" else 15
        board.stroke(
            [(x + 4, y), (x - 6, y - 4), (x - 9 + swing * 4, y - rise * 0.7), (x - 4 + swing * 6, y - rise)], 4.6, shade
        )


def _head(  # noqa: PLR0917 - geometry reads by position
    board: Board, x: float, y: float, swing: float, coat: Colour, belly: Colour, inks: Inks, build: Build
) -> None:
    size, inner = build.head, mix(coat, inks.of("f4a7a0"), 0.55)
    marks = inks.of(build.mask) if build.mask else coat
    if build.ear in {"point", "tall"}:
        rise = size * (1.55 if build.ear == "point" else 1.8)
        for offset, shade in ((-0.62, 0.12), (0.35, 0.0)):
            root = x + size * offset
            board.polygon(
                [
                    (root - size * 0.38, y - size * 0.5),
                    (root + size * 0.1, y - rise),
                    (root + size * 0.5, y - size * 0.6),
                ],
                mix(coat, BLACK, shade),
            )
            board.polygon(
                [
                    (root - size * 0.14, y - size * 0.6),
                    (root + size * 0.09, y - rise * 0.84),
                    (root + size * 0.3, y - size * 0.6),
                ],
                inner,
            )
    elif build.ear == "long":
        for offset, lean in ((-0.45, -12), (0.25, 6)):
            board.tilted(x + size * offset, y - size * 1.5, 4, size * 0.95, lean + swing * 5, coat)
            board.tilted(x + size * offset, y - size * 1.45, 1.9, size * 0.7, lean + swing * 5, inner)
    elif build.ear == "round":
        for offset in (-0.75, 0.6):
            board.oval(x + size * offset, y - size * 0.75, size * 0.36, size * 0.36, mix(marks, BLACK, 0.1))
    board.oval(x, y, size, size * 0.92, coat)
    if build.ear == "flop":
        board.tilted(x - size * 0.55, y + swing * 1.5, size * 0.36, size * 0.8, 14 + swing * 9, mix(coat, BLACK, 0.3))
    if build.ear == "fan":
        board.tilted(x - size * 0.6, y + 2, size * 0.75, size * 1.05, swing * 8, mix(coat, BLACK, 0.13))
        board.stroke(
            [
                (x + size * 0.75, y + 3),
                (x + size + 5, y + 18),
                (x + size + 3 + swing * 3, y + 34),
                (x + size + 9 + swing * 4, y + 37),
            ],
            7,
            coat,
        )
    board.oval(x + size * 0.62, y + size * 0.32, build.snout, size * 0.42, belly)
    board.oval(
        x + size * 0.62 + build.snout * 0.75, y + size * 0.2, 2.4, 2.0, inks.dark if build.ear != "long" else inner
    )
    board.arc(x + size * 0.6, y + size * 0.38, 4, 3.4, 25, 150, 1.1, inks.dark)
    for offset in (-0.02, 0.55):
        eye_x, eye_y = x + size * offset, y - size * 0.14
        if build.mask:
            board.tilted(eye_x, eye_y, 4.2, 5.2, 20, marks)
        if inks.pose == "rest":
            board.arc(eye_x, eye_y, 2.6, 2, 10, 170, 1.2, inks.dark if not build.mask else belly)
            continue
        board.oval(eye_x, eye_y, 2.5, 3.0, inks.dark if not build.mask else mix(WHITE, marks, 0.1))
        board.oval(eye_x + 0.8, eye_y - 1.0, 0.95, 1.0, mix(WHITE, coat, 0.1) if not build.mask else inks.dark)


def bird(board: Board, phase: float, inks: Inks) -> None:
    coat, beat = inks.coat("f4f4f0"), math.sin(phase * math.tau)
    board.polygon([(30, 52), (6, 44), (10, 54), (5, 60)], mix(coat, BLACK, 0.2))
    board.polygon(
        [(40, 50), (58, 50), (44 - beat * 4, 50 - beat * 36), (30 - beat * 4, 46 - beat * 34)], mix(coat, BLACK, 0.26)
    )
    board.tilted(48, 54, 24, 11, -8, coat)
    board.oval(72, 45, 10, 9.4, coat)
    board.polygon([(80, 42), (93, 47), (80, 50)], inks.of("f2a33a"))
    board.oval(75, 43, 1.9, 2.2, inks.dark)
    board.polygon(
        [(34, 50), (60, 51), (40 - beat * 6, 54 - beat * 44), (20 - beat * 6, 48 - beat * 38)],
        mix(coat, inks.of("5f7591"), 0.35),
    )


def butterfly(board: Board, phase: float, inks: Inks) -> None:
    coat, open_by = inks.coat("f08a3c"), 0.35 + 0.65 * abs(math.cos(phase * math.pi))
    for side in (-1, 1):
        board.tilted(50 + side * 19 * open_by, 38, 20 * open_by, 21, side * 24, mix(coat, BLACK, 0.25))
        board.tilted(50 + side * 19 * open_by, 38, 15 * open_by, 16, side * 24, coat)
        board.tilted(50 + side * 15 * open_by, 66, 14 * open_by, 15, side * -20, mix(coat, inks.of("f7d25a"), 0.5))
        board.oval(50 + side * 20 * open_by, 36, 5 * open_by, 5, mix(coat, WHITE, 0.6))
        board.stroke([(50, 32), (50 + side * 9, 14)], 1.4, inks.dark)
    board.oval(50, 52, 3.2, 22, inks.dark)


def fish(board: Board, phase: float, inks: Inks) -> None:
    coat, swing = inks.coat("f58a3a"), math.sin(phase * math.tau)
    fin = mix(coat, inks.of("c8402e"), 0.5)
    board.polygon([(26, 50), (4, 32 + swing * 9), (10, 50 + swing * 4), (4, 70 + swing * 9)], fin)
    board.polygon([(40, 34), (52, 14 + swing * 3), (68, 34)], fin)
    board.polygon([(46, 64), (42, 80 - swing * 3), (60, 66)], fin)
    board.oval(54, 50, 32, 21, coat)
    board.oval(56, 58, 25, 11, mix(coat, WHITE, 0.35))
    for x in (46, 62):
        board.polygon(
            [(x, 31), (x + 6, 31), (x + 8, 50), (x + 5, 69), (x - 1, 69), (x + 2, 50)], mix(coat, WHITE, 0.75)
        )
    board.polygon([(56, 54), (44, 60 + swing * 5), (55, 64)], fin)
    board.oval(74, 45, 5, 5, WHITE if not inks.palette.is_dark else inks.of("ffffff"))
    board.oval(75.4, 45, 2.8, 3.2, inks.dark)
    board.arc(80, 54, 4, 3, 30, 140, 1.2, inks.dark)


def whale(board: Board, phase: float, inks: Inks) -> None:
    coat, swing = inks.coat("3f6f9f"), math.sin(phase * math.tau)
    dark = mix(coat, BLACK, 0.2)
    board.polygon(
        [
            (24, 50),
            (10, 46 + swing * 6),
            (1, 32 + swing * 10),
            (13, 38 + swing * 10),
            (18, 28 + swing * 10),
            (22, 42 + swing * 5),
            (36, 40),
        ],
        dark,
    )
    board.polygon(
        [(16, 50), (30, 38), (50, 31), (76, 32), (93, 42), (97, 54), (88, 65), (64, 71), (40, 66), (24, 57)], coat
    )
    board.polygon([(97, 54), (88, 65), (64, 71), (44, 67), (62, 60), (86, 57)], mix(coat, WHITE, 0.72))
    for step in range(5):
        board.stroke([(66 + step * 5, 60 + step * 0.2), (56 + step * 6, 68 - step * 0.8)], 0.8, mix(coat, WHITE, 0.35))
    board.polygon([(62, 60), (46, 78 + swing * 7), (42, 76 + swing * 7), (52, 60)], dark)
    board.oval(82, 51, 2.3, 2.6, inks.dark)
    board.oval(82.7, 50.2, 0.9, 0.9, WHITE)
    board.arc(86, 54, 8, 4, 20, 120, 1.1, dark)


def jellyfish(board: Board, phase: float, inks: Inks) -> None:
    coat, pulse = inks.coat("e79bd8"), math.sin(phase * math.tau)
    for strand in range(6):
        x = 30 + strand * 8
        wave = [(x + math.sin(phase * math.tau + strand + step * 0.9) * 4, 46 + step * 9) for step in range(6)]
        board.stroke(wave, 2.6 if strand % 2 else 4, mix(coat, WHITE, 0.25 if strand % 2 else 0.05))
    wide = 31 + pulse * 4
    rim = [
        (50 + wide * math.cos(turn), 46 - (30 - pulse * 4) * math.sin(turn))
        for turn in (step * math.pi / 20 for step in range(21))
    ]
    board.polygon([*rim, *((50 - wide + wide / 5 * (step + 0.5), 52 if step % 2 else 46) for step in range(10))], coat)
    board.tilted(38, 32, 9, 5, -35, mix(coat, WHITE, 0.6))
    board.oval(43, 40, 2, 2.4, inks.dark)
    board.oval(59, 40, 2, 2.4, inks.dark)


def turtle(board: Board, phase: float, inks: Inks) -> None:
    skin, swing = inks.of("8fbf6a"), math.sin(phase * math.tau)
    for x, lead in ((30, 1), (66, -1)):
        board.tilted(x + swing * lead * 4, 72, 13, 5.5, 40 + swing * lead * 26, mix(skin, BLACK, 0.15))
    board.oval(86, 52 + swing, 10, 8.5, skin)
    board.oval(89, 50 + swing, 1.8, 2.1, inks.dark)
    shell = inks.coat("4f8a58")
    board.polygon([(14, 64), (20, 46), (36, 34), (54, 32), (70, 40), (80, 60), (76, 68), (20, 69)], shell)
    for x, y in ((32, 50), (48, 45), (63, 52), (42, 60), (56, 61)):
        board.polygon(
            [(x - 6, y), (x - 2, y - 6), (x + 4, y - 5), (x + 6, y + 1), (x + 1, y + 6), (x - 4, y + 5)],
            mix(shell, WHITE, 0.22),
        )
    board.box(14, 64, 66, 5.5, mix(shell, inks.of("f2e2a8"), 0.7), round_by=2.5)


def dragon(board: Board, phase: float, inks: Inks) -> None:
    coat, beat = inks.coat("3f9f6a"), math.sin(phase * math.tau)
    belly, wing = mix(coat, inks.of("f6dd90"), 0.65), mix(coat, inks.of("d8453a"), 0.6)
    board.polygon(
        [(44, 48), (58, 46), (62, 40 - beat * 32), (46, 30 - beat * 30), (30, 38 - beat * 34)], mix(wing, BLACK, 0.3)
    )
    spine = [(4, 70 + beat * 4), (14, 74), (26, 66), (38, 58), (52, 54), (64, 46), (74, 34)]
    for (x0, y0), (x1, y1), width in zip(spine, spine[1:], (4, 7, 12, 17, 15, 11), strict=False):
        board.stroke([(x0, y0), (x1, y1)], width, coat)
        board.polygon([(x0 - 1, y0 - width / 2), (x0 + 3, y0 - width / 2 - 5), (x0 + 6, y0 - width / 2)], wing)
    board.polygon([(8, 72 + beat * 4), (-4, 62 + beat * 5), (2, 76 + beat * 4)], wing)
    board.stroke([(36, 62), (48, 60), (62, 53)], 6, belly)
    for x in (36, 50):
        board.stroke([(x, 62), (x + 4 + beat * 2, 74), (x + 9, 76)], 4.5, mix(coat, BLACK, 0.15))
    board.tilted(80, 30, 12, 8, 12, coat)
    board.tilted(88, 34, 8, 5, 14, mix(coat, belly, 0.4))
    for x in (73, 78):
        board.polygon([(x, 24), (x - 7, 12), (x + 4, 22)], belly)
    board.oval(82, 27, 2.6, 2.8, inks.of("fbe45a"))
    board.oval(82.8, 27, 1.1, 2.2, inks.dark)
    board.polygon(
        [
            (36, 52),
            (58, 48),
            (48 - beat * 6, 52 - beat * 48),
            (30 - beat * 6, 34 - beat * 34),
            (14 - beat * 4, 44 - beat * 36),
        ],
        wing,
    )
