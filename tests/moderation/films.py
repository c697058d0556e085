"""A tiny film that browsers play: H.264 and AAC in MP4, with a poster, stored like any clip."""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from sora_social.media.models import Clip

WIDTH, HEIGHT, FPS, RATE = 180, 320, 24, 44_100


def film(path: Path, *, seconds: int = 3, hue: float = 0.0) -> Path:
    """Bands of colour that wander, and a quiet tone."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=RATE, layout="mono")
        for number in range(seconds * FPS):
            frame = av.VideoFrame.from_ndarray(picture(number, hue), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
        times = np.arange(seconds * RATE) / RATE
        tone = (0.1 * np.sin(2 * np.pi * 330 * times)).astype(np.float32)
        for start in range(0, len(tone), 1024):
            sound = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], format="fltp", layout="mono")
            sound.sample_rate, sound.pts, sound.time_base = RATE, start, Fraction(1, RATE)
            container.mux(audio.encode(sound))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return path


def picture(number: int, hue: float) -> np.ndarray:
    """One frame: (height, width, 3), uint8."""
    rows = np.arange(HEIGHT)[:, None] / HEIGHT
    columns = np.arange(WIDTH)[None, :] / WIDTH
    wave = np.sin(2 * np.pi * (rows * 2 + columns + number / 36))
    channels = [127 + 100 * np.sin(wave + hue + shift) for shift in (0.0, 2.1, 4.2)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def stored_clip(folder: Path, *, name: str, hue: float = 0.0, seconds: int = 3) -> Clip:
    """The film in the storage, and its row."""
    path = film(folder / f"{name}.mp4", hue=hue, seconds=seconds)
    poster = io.BytesIO()
    Image.fromarray(picture(0, hue)).save(poster, "JPEG")
    clip = Clip(
        video_key=f"clips/te/{name}.mp4",
        poster_key=f"posters/te/{name}.jpg",
        width=WIDTH,
        height=HEIGHT,
        duration_ms=seconds * 1000,
        size_bytes=path.stat().st_size,
        stream_sha256=name.ljust(64, "0")[:64],
    )
    default_storage.save(clip.video_key, ContentFile(path.read_bytes()))
    default_storage.save(clip.poster_key, ContentFile(poster.getvalue()))
    clip.save()
    return clip
