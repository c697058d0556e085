"""One room as this process keeps it while somebody watches: who is there, and up to which number they are served."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from sora_social.posts.live.frames import Frame
from sora_social.posts.live.history import Standing
from sora_social.posts.live.outlet import Outlet

EARLY_AT_MOST = 1_000


@dataclass(eq=False)
class LiveRoom:
    """Frames come by the bus, in any order, late, twice or not at all; they leave in order, each once.

    A number that is not the next one is kept aside and `fill` is called: it brings what is missing from the database.
    """

    post_id: int
    fill: Callable[["LiveRoom"], None]
    sockets: set[Outlet] = field(default_factory=set)  # everybody, also who is still reading history
    live: set[Outlet] = field(default_factory=set)  # who is served as things happen
    last_seq: int | None = None  # None until the room is opened
    heard: int = 0
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    opening: "asyncio.Task[None] | None" = None
    filling: "asyncio.Task[None] | None" = None
    standing: Standing | None = None
    viewers_elsewhere: int = 0
    told: tuple[int, int, int, int] | None = None  # the counts that were last shown
    early: dict[int, Frame] = field(default_factory=dict)

    @property
    def viewers(self) -> int:
        return self.viewers_elsewhere + len(self.sockets)

    def open_at(self, standing: Standing) -> None:
        self.standing = standing
        self.last_seq = standing.seq
        self._take_early()

    def hear(self, seq: int) -> None:
        """Somebody says that number `seq` exists."""
        self.heard = max(self.heard, seq)
        if self.last_seq is not None and self.heard > self.last_seq:
            self.fill(self)

    def take(self, frame: Frame) -> None:
        """Deliver the frame when it is the next one, and whatever that makes the next."""
        if self.last_seq is None:
            self._keep(frame)
        elif frame.seq == self.last_seq + 1:
            self._deliver(frame)
            self._take_early()
        elif frame.seq > self.last_seq:
            self._keep(frame)
            self.hear(frame.seq)

    def _take_early(self) -> None:
        if not self.early or self.last_seq is None:
            return
        while (frame := self.early.pop(self.last_seq + 1, None)) is not None:
            self._deliver(frame)
        self.early = {seq: frame for seq, frame in self.early.items() if seq > self.last_seq}
        if self.early:
            self.hear(max(self.early))

    def tell(self, frame: Frame) -> None:
        """Give everybody who is served a frame without a number."""
        for outlet in tuple(self.live):
            outlet.push(frame)

    def _deliver(self, frame: Frame) -> None:
        self.last_seq = seq = frame.seq
        for outlet in tuple(self.live):
            if outlet.position < seq:
                outlet.push(frame)

    def _keep(self, frame: Frame) -> None:
        if len(self.early) < EARLY_AT_MOST:
            self.early[frame.seq] = frame
