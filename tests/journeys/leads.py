"""How two sides of a race are brought to meet, on a fast machine and on a busy one."""

import random

JITTER = 0.003  # seconds at most, on both sides
STEP, STEP_AT_MOST = 0.001, 0.064


class Lead:
    """How much earlier than the second side the first one begins, in seconds.

    It goes to where both sides win: more after a defeat, less after a victory, in steps that grow while the same side
    wins.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._step = 0.0

    def delays(self, chance: random.Random) -> tuple[float, float]:
        """How long each side waits."""
        first, second = chance.uniform(0, JITTER), chance.uniform(0, JITTER)
        return max(-self.seconds, 0) + first, max(self.seconds, 0) + second

    def learn(self, *, won: bool) -> None:
        """The first side came before the second, or not."""
        towards = -1 if won else 1
        goes_on = towards * self._step > 0
        self._step = towards * (min(2 * abs(self._step), STEP_AT_MOST) if goes_on else STEP)
        self.seconds += self._step
