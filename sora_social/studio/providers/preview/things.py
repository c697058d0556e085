"""Made and growing things, drawn in a box of 100 by 100 units facing right, standing at 96."""

import math

from sora_social.studio.providers.preview.creatures import Inks
from sora_social.studio.providers.preview.drawing import Board
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, mix


def _wheel(board: Board, x: float, y: float, radius: float, phase: float, inks: Inks) -> None:  # noqa: PLR0917 - geometry reads by position
    board.oval(x, y, radius, radius, inks.dark)
    board.oval(x, y, radius * 0.55, radius * 0.55, inks.of("c9ced6"))
    for spoke in range(3):
        turn = phase * math.tau + spoke * math.tau / 3
        board.stroke([(x, y), (x + radius * 0.5 * math.cos(turn), y + radius * 0.5 * math.sin(turn))], 1.6, inks.dark)


def _window(inks: Inks) -> Colour:
    return (255, 224, 150) if inks.palette.is_dark else inks.of("bfe6f7")


def car(board: Board, phase: float, inks: Inks) -> None:
    paint, bob = inks.coat("e0483e"), math.sin(phase * math.tau) * 0.8
    board.polygon([(20, 66 + bob), (30, 47 + bob), (62, 46 + bob), (77, 64 + bob)], paint)
    board.polygon([(27, 64 + bob), (34, 51 + bob), (46, 51 + bob), (46, 64 + bob)], _window(inks))
    board.polygon([(50, 64 + bob), (50, 51 + bob), (60, 51 + bob), (70, 64 + bob)], _window(inks))
    board.box(4, 62 + bob, 92, 22, paint, round_by=9)
    board.box(4, 76 + bob, 92, 7, mix(paint, BLACK, 0.25), round_by=3)
    board.oval(92, 70 + bob, 4, 3.6, (255, 244, 190))
    board.oval(6, 70 + bob, 2.6, 3.4, (255, 70, 60))
    for x in (25, 75):
        _wheel(board, x, 86, 10, phase, inks)


def bicycle(board: Board, phase: float, inks: Inks) -> None:
    frame = inks.coat("e0604a")
    for x in (24, 76):
        board.arc(x, 78, 17, 17, 0, 360, 2.6, inks.dark)
        for spoke in range(4):
            turn = phase * math.pi + spoke * math.pi / 4
            dx, dy = 16 * math.cos(turn), 16 * math.sin(turn)
            board.stroke([(x - dx, 78 - dy), (x + dx, 78 + dy)], 0.7, inks.of("aab2bd"))
    board.stroke([(24, 78), (46, 78), (68, 54), (40, 54), (24, 78)], 3, frame)
    board.stroke([(40, 50), (46, 78)], 3, frame)
    board.stroke([(76, 78), (67, 46), (74, 44)], 3, frame)
    swing = math.sin(phase * math.tau)
    for side, shade in ((-1, 0.25), (1, 0.0)):
        foot = (46 + 7 * math.cos(phase * math.tau) * side, 80 + 7 * swing * side)
        board.stroke([(40, 46), (54, 58 + swing * side * 5), foot], 6, mix(inks.of("31405f"), BLACK, shade))
    board.stroke([(40, 46), (50, 24)], 12, inks.of("f1b24a"))
    board.stroke([(50, 27), (60, 38), (72, 43)], 4.5, inks.of("e9b48f"))
    board.oval(54, 13, 9, 9.5, inks.of("e9b48f"))
    board.polygon([(44, 13), (46, 3), (58, 2), (64, 9)], frame)


def train(board: Board, phase: float, inks: Inks) -> None:
    paint = inks.coat("c8443c")
    for x in (0, 52):
        nose = 12 if x else 3
        board.box(x, 50, 47, 36, paint, round_by=nose)
        board.box(x, 70, 47, 6, mix(paint, WHITE, 0.75))
        for pane in range(3):
            board.box(x + 5 + pane * 13, 55, 9.5, 11, _window(inks), round_by=2)
        for wheel in (10, 24, 38):
            _wheel(board, x + wheel, 89, 6, phase, inks)
    board.oval(97, 74, 2.6, 3, (255, 244, 190))
    board.box(46, 78, 8, 4, inks.dark)


def boat(board: Board, phase: float, inks: Inks) -> None:
    tilt, sail = math.sin(phase * math.tau) * 2.5, inks.coat("fbf4e4")
    board.stroke([(48, 76), (48 + tilt, 12)], 2.4, inks.of("6a4630"))
    board.polygon([(51 + tilt * 0.8, 14), (84 + tilt, 64), (51, 68)], sail)
    board.polygon([(45 + tilt * 0.8, 20), (18 + tilt, 64), (45, 68)], mix(sail, BLACK, 0.12))
    board.polygon([(12, 73 + tilt), (90, 71 - tilt), (78, 92), (26, 93)], inks.of("8f4a34"))
    board.polygon([(12, 73 + tilt), (90, 71 - tilt), (88, 77 - tilt), (14, 79 + tilt)], inks.of("f2e3c8"))


def balloon(board: Board, phase: float, inks: Inks) -> None:
    skin, sway = inks.coat("e85a4f"), math.sin(phase * math.tau) * 1.5
    for x in (40, 60):
        board.stroke([(x, 62), (44 + (x - 40) * 0.6 + sway, 84)], 0.9, inks.of("5a4636"))
    rim = [
        (50 + 31 * math.cos(turn), 36 + 33 * math.sin(turn)) for turn in (step * math.tau / 40 for step in range(40))
    ]
    board.polygon([(x, y) if y < 52 else (50 + (x - 50) * (1 - (y - 52) / 40), y) for x, y in rim], skin)
    for wide, shade in ((21, mix(skin, WHITE, 0.55)), (11, skin), (4, mix(skin, WHITE, 0.55))):
        board.oval(50, 36, wide, 32.5, shade)
    board.box(43 + sway, 84, 14, 11, inks.of("9a6a3f"), round_by=2.5)
    board.box(42 + sway, 83, 16, 3, inks.of("6f4a2c"), round_by=1.5)


def plane(board: Board, phase: float, inks: Inks) -> None:
    hull = inks.coat("f2f4f7")
    board.polygon([(10, 50), (4, 26), (14, 26), (28, 46)], inks.of("d8453a"))
    board.polygon([(50, 46), (38, 30), (46, 30), (64, 46)], mix(hull, BLACK, 0.25))
    board.polygon([(6, 50), (20, 43), (78, 42), (94, 50), (88, 57), (70, 60), (24, 58)], hull)
    board.polygon([(78, 43), (90, 47), (82, 49), (76, 48)], inks.of("35506e"))
    for x in range(28, 74, 7):
        board.oval(x, 49, 1.7, 2.1, _window(inks))
    board.polygon(
        [(46, 54), (62, 54), (40, 78 + math.sin(phase * math.tau)), (28, 78)], mix(hull, inks.of("6b8fc0"), 0.45)
    )


def rocket(board: Board, phase: float, inks: Inks) -> None:
    hull, flick = inks.coat("f0f2f6"), 6 * math.sin(phase * math.tau * 2)
    for wide, deep, fire in (
        (11, 99 + flick / 2, (255, 122, 40)),
        (7, 93 + flick, (255, 214, 90)),
        (3.5, 86 + flick, (255, 255, 235)),
    ):
        board.polygon([(50 - wide, 70), (50, deep), (50 + wide, 70)], fire)
    for side in (-1, 1):
        board.polygon([(50 + side * 12, 48), (50 + side * 26, 72), (50 + side * 12, 68)], inks.of("d8453a"))
    board.polygon([(50, 2), (60, 16), (64, 34), (63, 56), (57, 71), (43, 71), (37, 56), (36, 34), (40, 16)], hull)
    board.polygon([(50, 2), (60, 16), (61, 21), (39, 21), (40, 16)], inks.of("d8453a"))
    board.oval(50, 36, 8, 8, mix(hull, BLACK, 0.35))
    board.oval(50, 36, 5.6, 5.6, _window(inks))


def ufo(board: Board, phase: float, inks: Inks) -> None:
    board.oval(50, 44, 19, 19, mix(inks.of("8fe8d8"), WHITE, 0.3))
    board.oval(50, 46, 7, 9, inks.of("7ac74f"))
    for x in (47, 53):
        board.oval(x, 44, 1.8, 2.8, inks.dark)
    board.oval(50, 57, 44, 13, inks.coat("9aa4b8"))
    board.oval(50, 53, 40, 8, mix(inks.coat("9aa4b8"), WHITE, 0.3))
    for lamp in range(5):
        lit = (lamp + int(phase * 5)) % 5 < 2
        board.oval(18 + lamp * 16, 61, 3, 2.6, (255, 235, 130) if lit else (190, 90, 120))


def ball(board: Board, phase: float, inks: Inks) -> None:
    skin, turn = inks.coat("ef5a4c"), phase * math.tau / 6
    board.oval(50, 50, 46, 46, mix(WHITE, skin, 0.06))
    for slice_at in range(3):
        start = turn + slice_at * math.tau / 3
        rim = [
            (50 + 46 * math.cos(start + step * math.tau / 72), 50 + 46 * math.sin(start + step * math.tau / 72))
            for step in range(13)
        ]
        board.polygon([(50, 50), *rim], skin)
    board.oval(50, 50, 7, 7, mix(WHITE, skin, 0.06))


def flower(board: Board, phase: float, inks: Inks) -> None:
    petal, sway = inks.coat("f2708f"), math.sin(phase * math.tau) * 4
    stem = inks.of("3f8f4f")
    board.stroke([(50, 98), (49, 70), (50 + sway, 40)], 3.4, stem)
    board.tilted(38, 76, 13, 5, 30, stem)
    board.tilted(62, 68, 13, 5, -32, mix(stem, WHITE, 0.12))
    for leaf in range(8):
        turn = leaf * math.tau / 8 + sway * 0.02
        board.tilted(
            50 + sway + 17 * math.cos(turn),
            30 + 17 * math.sin(turn),
            13,
            7.5,
            math.degrees(turn),
            mix(petal, WHITE, 0.14 * (leaf % 2)),
        )
    board.oval(50 + sway, 30, 9, 9, inks.of("f6c445"))


def tree(board: Board, phase: float, inks: Inks) -> None:
    leaf, sway = inks.coat("4c9a50"), math.sin(phase * math.tau) * 1.6
    board.polygon([(45, 98), (47, 60), (53, 60), (56, 98)], inks.of("6f4a32"))
    for x, y, radius, shade in (
        (34, 52, 20, 0.2),
        (66, 52, 20, 0.16),
        (50, 32, 25, 0.0),
        (36, 38, 17, 0.06),
        (64, 40, 16, 0.0),
        (50, 52, 20, 0.1),
    ):
        board.oval(x + sway, y, radius, radius * 0.9, mix(leaf, BLACK, shade))
    for x, y in ((44, 22), (58, 28), (38, 34)):
        board.oval(x + sway, y, 7, 5, mix(leaf, WHITE, 0.18))


def house(board: Board, _phase: float, inks: Inks) -> None:
    wall = inks.coat("f3dfc0")
    board.box(66, 18, 9, 22, inks.of("8a5648"))
    board.box(16, 48, 68, 48, wall)
    board.polygon([(8, 51), (50, 14), (92, 51)], inks.of("b8503f"))
    board.box(43, 68, 16, 28, inks.of("7a4a30"), round_by=2)
    for x in (24, 65):
        board.box(x, 58, 13, 13, _window(inks), round_by=1)
        board.box(x + 5.8, 58, 1.4, 13, wall)
        board.box(x, 63.8, 13, 1.4, wall)


def food(board: Board, phase: float, inks: Inks) -> None:
    bowl = inks.coat("d8473c")
    for strand in range(3):
        x = 34 + strand * 16
        board.stroke(
            [(x + 4 * math.sin(phase * math.tau + step + strand), 40 - step * 8) for step in range(4)],
            2.4,
            mix(WHITE, inks.palette.haze, 0.3),
        )
    board.oval(50, 56, 38, 12, inks.of("f2d08a"))
    for x, y in ((28, 54), (40, 58), (52, 60)):
        board.arc(x + 6, y, 12, 5, 180, 350, 2, inks.of("fff0c4"))
    board.oval(62, 52, 8, 5, mix(WHITE, inks.palette.haze, 0.1))
    board.oval(62, 52, 3.6, 2.6, inks.of("f3a63a"))
    board.oval(40, 51, 4, 2, inks.of("4f9a4a"))
    board.polygon([(11, 57), (89, 57), (80, 80), (66, 92), (34, 92), (20, 80)], bowl)
    board.box(36, 90, 28, 5, mix(bowl, BLACK, 0.2), round_by=2)
    board.stroke([(60, 50), (92, 22)], 2, inks.of("6a4630"))
    board.stroke([(66, 51), (97, 28)], 2, inks.of("6a4630"))


def cake(board: Board, phase: float, inks: Inks) -> None:
    cream, sponge = inks.coat("f7b8c8"), inks.of("c98d5a")
    for x in (36, 50, 64):
        board.box(x - 1.6, 24, 3.2, 20, mix(WHITE, cream, 0.4), round_by=1)
        board.tilted(
            x, 18 + math.sin(phase * math.tau + x), 2.6, 5.5, 6 * math.sin(phase * math.tau + x), (255, 208, 90)
        )
    for upper, wide in ((66, 42), (42, 30)):
        board.box(50 - wide, upper, wide * 2, 27, sponge, round_by=4)
        board.box(50 - wide, upper, wide * 2, 9, cream, round_by=4)
        for drip in range(int(wide / 5)):
            board.oval(50 - wide + 5 + drip * 10, upper + 9, 4.4, 4 + 3 * (drip % 2), cream)
    board.box(4, 92, 92, 4, inks.of("e8ecf2"), round_by=2)


def fruit(board: Board, _phase: float, inks: Inks) -> None:
    skin = inks.coat("e0413c")
    board.stroke([(50, 32), (54, 14)], 3.6, inks.of("6a4630"))
    board.tilted(66, 18, 13, 6, -20, inks.of("5aa650"))
    board.oval(36, 60, 25, 32, skin)
    board.oval(64, 60, 25, 32, skin)
    board.oval(50, 66, 26, 29, skin)
    board.tilted(30, 50, 6, 11, 20, mix(skin, WHITE, 0.5))


def mushroom(board: Board, phase: float, inks: Inks) -> None:
    cap, sway = inks.coat("d8453a"), math.sin(phase * math.tau) * 0.8
    board.polygon([(40, 50), (60, 50), (64, 96), (36, 96)], inks.of("f6ead4"))
    board.polygon(
        [
            (50 + sway - 42 * math.cos(step * math.pi / 20), 56 - 44 * math.sin(step * math.pi / 20))
            for step in range(21)
        ],
        cap,
    )
    for x, y, radius in ((34, 36, 7), (54, 26, 8), (70, 42, 6), (48, 46, 4), (24, 50, 4)):
        board.oval(x + sway, y, radius, radius * 0.85, inks.of("fff4e6"))


def snowman(board: Board, _phase: float, inks: Inks) -> None:
    snow = inks.coat("f4f8fd")
    for y, radius in ((74, 24), (44, 17), (20, 12)):
        board.oval(50, y, radius, radius, snow)
    board.box(38, 2, 25, 8, inks.dark, round_by=1)
    board.polygon([(55, 20), (72, 23), (55, 25)], inks.of("ef8a34"))
    board.box(36, 30, 29, 6, inks.of("d8453a"), round_by=3)
    for x, y in ((48, 17), (57, 17), (52, 44), (52, 54)):
        board.oval(x, y, 1.9, 1.9, inks.dark)
    for side in (-1, 1):
        board.stroke([(50 + side * 15, 42), (50 + side * 34, 28), (50 + side * 38, 20)], 2.2, inks.of("6a4630"))


def star(board: Board, phase: float, inks: Inks) -> None:
    shine = mix(inks.palette.sun, WHITE, 0.4)
    for step in range(12):
        share = step / 12
        board.oval(
            8 + share * 72,
            22 + share * 46,
            0.6 + share * 4,
            0.6 + share * 4,
            mix(inks.palette.middle, shine, 0.25 + share * 0.75),
        )
    rays = [
        (
            82 + (13 if ray % 2 == 0 else 5) * math.cos(ray * math.pi / 5 + phase),
            70 + (13 if ray % 2 == 0 else 5) * math.sin(ray * math.pi / 5 + phase),
        )
        for ray in range(10)
    ]
    board.polygon(rays, shine)
