"""Figures on two legs, drawn facing right in a box of 100 by 100 units, feet at 96; and a ghost on none."""

import math

from sora_social.studio.providers.preview.creatures import Inks
from sora_social.studio.providers.preview.drawing import Board
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, mix


def person(board: Board, phase: float, inks: Inks) -> None:
    """A person; walks, runs, dances, jumps or rests according to the pose."""
    skin, shirt = inks.of("e9b48f"), inks.coat("e2574c")
    _figure(board, phase, inks, skin=skin, top=shirt, bottom=inks.of("2f4a7a"), bulk=1.0)
    lean = math.sin(phase * math.tau) * (3 if inks.pose == "dance" else 1)
    board.oval(50 + lean, 16, 10, 11, skin)
    board.polygon(
        [
            (39 + lean, 17),
            (39 + lean, 9),
            (46 + lean, 3),
            (56 + lean, 4),
            (61 + lean, 11),
            (53 + lean, 9),
            (45 + lean, 12),
            (43 + lean, 24),
        ],
        inks.of("3b2a2a"),
    )
    board.oval(53 + lean, 16, 1.2, 1.5, inks.dark)
    board.oval(58 + lean, 16, 1.1, 1.5, inks.dark)
    board.arc(55 + lean, 19, 3.4, 2.8, 25, 155, 1.0, inks.of("a0413c"))


def astronaut(board: Board, phase: float, inks: Inks) -> None:
    suit = inks.coat("eef1f5")
    board.box(33, 28, 16, 30, mix(suit, BLACK, 0.3), round_by=4)
    _figure(board, phase, inks, skin=suit, top=suit, bottom=mix(suit, BLACK, 0.1), bulk=1.5)
    board.oval(51, 17, 15, 14.5, suit)
    board.oval(54, 17, 10.5, 9.5, mix(inks.of("23406e"), BLACK, 0.1))
    board.tilted(51, 13.5, 4.5, 2.2, -28, mix(inks.palette.sun, WHITE, 0.3))
    board.box(47, 42, 12, 6, inks.of("d8453a"), round_by=1.5)


def robot(board: Board, phase: float, inks: Inks) -> None:
    shell = inks.coat("9fb4c4")
    _figure(board, phase, inks, skin=mix(shell, BLACK, 0.2), top=shell, bottom=mix(shell, BLACK, 0.35), bulk=1.3)
    lean = math.sin(phase * math.tau) * (3 if inks.pose == "dance" else 0.8)
    board.box(38, 31, 25, 28, shell, round_by=4)
    board.oval(50, 44, 5, 5, inks.palette.washed((90, 235, 245)))
    board.stroke([(50 + lean, 6), (50 + lean * 2, -2)], 1.6, mix(shell, BLACK, 0.4))
    board.oval(50 + lean * 2, 2, 2.6, 2.6, (255, 92, 80))
    board.box(36 + lean, 6, 30, 22, mix(shell, WHITE, 0.14), round_by=6)
    board.box(40 + lean, 11, 23, 11, mix(BLACK, shell, 0.16), round_by=5)
    for x in (47, 57):
        board.oval(x + lean, 16.5, 2.9, 3.2, (120, 245, 255))


def _figure(board: Board, phase: float, inks: Inks, *, skin: Colour, top: Colour, bottom: Colour, bulk: float) -> None:
    swing = math.sin(phase * math.tau)
    stride = {"run": 17.0, "walk": 10.0, "dance": 9.0, "jump": 12.0, "fly": 6.0, "swim": 8.0}.get(inks.pose, 1.5)
    sway = swing * 4 if inks.pose == "dance" else 0.0
    for side in (-1, 1):
        reach, shade = swing * side * stride, 0.18 if side < 0 else 0.0
        lift = max(0.0, reach) * (0.55 if inks.pose in {"run", "dance"} else 0.25)
        knee = (50 + reach * 0.55 + (5 if inks.pose == "run" else 1.5), 75 - lift * 0.4)
        leg = mix(bottom, BLACK, shade)
        board.stroke([(50 + side * 3, 57), knee, (50 + reach, 93 - lift)], 7 * bulk, leg)
        board.oval(52 + reach, 94 - lift, 5.5 * bulk, 3, mix(inks.dark, leg, 0.3))
        if inks.pose == "dance":
            rise = math.sin(phase * math.tau + side * 1.2)
            hand = (50 + sway + side * (19 + 3 * rise), 32 - 16 * rise)
            elbow = (50 + sway + side * 15, 42 - 5 * rise)
        else:
            hand, elbow = (50 - reach * 1.05 + 2, 55 - abs(reach) * 0.35), (50 - reach * 0.55 - side * 2, 46)
        arm = mix(top, BLACK, shade + 0.06)
        board.stroke([(50 + sway + side * 5 * bulk, 34), elbow], 5.4 * bulk, arm)
        board.stroke([elbow, hand], 4.4 * bulk, mix(skin, BLACK, shade))
        if side < 0:
            board.polygon(
                [(50 + sway - 9 * bulk, 32), (50 + sway + 9 * bulk, 32), (50 + 7.5 * bulk, 61), (50 - 7.5 * bulk, 61)],
                top,
            )
            board.oval(50 + sway, 32, 9 * bulk, 4, top)


def ghost(board: Board, phase: float, inks: Inks) -> None:
    sheet = mix(inks.coat("f4f6ff"), WHITE, 0.3)
    hem = [(82 - step * 8, 88 + 5 * math.sin(phase * math.tau + step * 2.2)) for step in range(9)]
    dome = [(50 - 32 * math.cos(step * math.pi / 16), 46 - 36 * math.sin(step * math.pi / 16)) for step in range(17)]
    board.polygon([*dome, *hem], sheet)
    for x in (42, 60):
        board.oval(x, 44, 4, 6, inks.dark)
    board.oval(51, 58, 4, 5 + 2 * math.sin(phase * math.tau), inks.dark)
