"""The reel: the only way out. Every frame written is marked first, then encoded."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from sora_social.studio.providers.preview.mark import Mark
from sora_social.studio.providers.preview.planes import Canvas

BT601, LIMITED = 6, 1
PRESET, QUALITY = "veryfast", "24"
SOUND_RATE = 44_100


class Reel:
    """An MP4 being written: H.264 yuv420p and AAC mono, playable while it loads.

    There is one way to add a frame, and it burns the mark in. Use it as a context manager; it is whole on leaving.
    """

    def __init__(self, path: Path, *, size: tuple[int, int], fps: int, mark: Mark) -> None:
        self._size, self._fps, self._mark = size, fps, mark
        self._count, self._heard = 0, 0
        self._file = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._file.metadata["comment"] = "AI-generated preview"
        self._video = self._file.add_stream("libx264", rate=fps)
        self._video.width, self._video.height = size
        self._video.pix_fmt = "yuv420p"
        self._video.time_base = Fraction(1, fps)
        self._video.gop_size = fps * 2
        self._video.thread_count = 1
        context = self._video.codec_context
        context.colorspace = context.color_primaries = context.color_trc = BT601
        context.color_range = LIMITED
        self._video.options = {"preset": PRESET, "crf": QUALITY, "tune": "animation"}
        self._sound = self._file.add_stream("aac", rate=SOUND_RATE, layout="mono")
        self._sound.bit_rate = 96_000

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for packet in (*self._video.encode(None), *self._sound.encode(None)):
                self._file.mux(packet)
        self._file.close()

    def write(self, canvas: Canvas) -> VideoFrame:
        """Mark a frame and add it; returns the frame as it was written."""
        marked = canvas.copy()
        self._mark.burn(marked, self._count / self._fps)
        frame = VideoFrame(*self._size, "yuv420p")
        for plane, picture in zip(frame.planes, (marked.y, marked.u, marked.v), strict=True):
            _fill(plane, picture)
        frame.pts, frame.time_base = self._count, Fraction(1, self._fps)
        self._count += 1
        for packet in self._video.encode(frame):
            self._file.mux(packet)
        return frame

    def write_sound(self, samples: NDArray[np.float32]) -> None:
        """Add the next stretch of sound: mono samples at SOUND_RATE, -1..1."""
        if not samples.size:
            return
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[np.newaxis]), format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._heard, Fraction(1, SOUND_RATE)
        self._heard += samples.size
        for packet in self._sound.encode(frame):
            self._file.mux(packet)


def _fill(plane: "av.video.plane.VideoPlane", picture: Image.Image) -> None:
    if plane.line_size == picture.width:
        plane.update(picture.tobytes())
        return
    rows = np.zeros((plane.height, plane.line_size), np.uint8)
    rows[:, : picture.width] = np.asarray(picture)
    plane.update(rows.tobytes())


def save_poster(frame: VideoFrame, path: Path) -> None:
    """Keep a written frame, mark and all, as a JPEG."""
    Image.fromarray(frame.to_ndarray(format="rgb24")).save(path, "JPEG", quality=86, optimize=False)
