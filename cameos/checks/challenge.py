"""What a person is asked to do in front of the camera, so that a recording made earlier will not do."""

import random
import secrets
from dataclasses import dataclass
from typing import Literal

HeadTurn = Literal["left", "right"]

_TENS, _UNITS = range(3, 10), range(1, 10)
NUMBERS = tuple(10 * tens + unit for tens in _TENS for unit in _UNITS)
"""31 to 99 without the round ones: all are said as two plain words, and none of them is a teen, which the ear takes
for a ten, or a twenty, which the recogniser takes for a ninety."""


@dataclass(frozen=True)
class Challenge:
    """Three different numbers to speak in this order, and the side to turn the head to, as the person has it."""

    numbers: tuple[int, int, int]
    head_turn: HeadTurn


def new_challenge(rng: random.Random | None = None) -> Challenge:
    """Draw a challenge, one of 476,532, from the system's randomness unless told otherwise."""
    source = rng or secrets.SystemRandom()
    first, second, third = source.sample(NUMBERS, 3)
    return Challenge((first, second, third), source.choice(("left", "right")))
