"""The camera: how far it has moved and how near it is, at each moment."""

import math
from dataclasses import dataclass

from sora_social.studio.providers.preview.drawing import Point


@dataclass(frozen=True)
class Camera:
    """`room` is the furthest it may move to either side, in pixels; `seconds` the length of its one move."""

    move: str
    room: float
    seconds: float

    def pan(self, t: float) -> Point:
        """Right and down from the middle, in pixels."""
        share = min(max(t / self.seconds, 0.0), 1.0)
        eased = share * share * (3 - 2 * share)
        if self.move == "static":
            return 0.0, 0.0
        if self.move == "pan":
            return self.room * (eased * 2 - 1), 0.0
        if self.move == "orbit":
            turn = t / 4.5 * math.tau
            return self.room * 0.75 * math.sin(turn), self.room * 0.16 * (1 - math.cos(turn))
        if self.move == "handheld":
            return self._shake(t, 0.20), self._shake(t + 7.3, 0.08)
        if self.move == "zoom":
            return 0.0, 0.0
        return self.room * 0.5 * (eased - 0.5), 0.0

    def zoom(self, t: float) -> float:
        """The magnification, 1 or more."""
        share = min(max(t / self.seconds, 0.0), 1.0)
        if self.move == "zoom":
            return 1.0 + 0.42 * share * share * (3 - 2 * share)
        if self.move == "orbit":
            return 1.08 + 0.05 * math.cos(t / 4.5 * math.tau)
        return 1.05 if self.move == "handheld" else 1.0

    def _shake(self, t: float, share: float) -> float:
        return self.room * share * (math.sin(t * 2.3) + 0.6 * math.sin(t * 4.1 + 1) + 0.3 * math.sin(t * 7.7 + 2)) / 1.9
