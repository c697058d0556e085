"""What a person is asked to do in front of the camera, so that a recording made earlier will not do."""

import random
import secrets
from dataclasses import dataclass
from typing import Literal

HeadTurn = Literal["left", "right"]

NUMBERS = tuple(10 * tens + unit for tens in range(3, 8) for unit in range(1, 10))
"""31 to 79 without the round ones: all are said as two plain words. Left out are the teens, which the ear takes for
tens, and what the recogniser takes for something else: nineties for twenties, eighties for fifties."""


@dataclass(frozen=True)
class Challenge:
    """Three different numbers to speak in this order, and the side to turn the head to, as the person has it."""

    numbers: tuple[int, int, int]
    head_turn: HeadTurn


def new_challenge(rng: random.Random | None = None) -> Challenge:
    """Draw a challenge, one of 170,280, from the system's randomness unless told otherwise."""
    source = rng or secrets.SystemRandom()
    first, second, third = source.sample(NUMBERS, 3)
    return Challenge((first, second, third), source.choice(("left", "right")))
