"""Speech: quoted lines spoken by espeak-ng, when the optional `espeakng_loader` wheel is installed."""

import ctypes
import importlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_social.studio.providers.preview.captions import Cue
from sora_social.studio.providers.preview.recipe import clean

RATE = 44_100
MAX_LINE = 280
_SYNCHRONOUS, _UTF8 = 2, 1
_NEVER_EXIT = 0x8000  # else a missing voice file ends the whole process
_SPEED, _PITCH, _SPREAD = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_ONE_AT_A_TIME = threading.Lock()

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    """Something to say, not before `start` seconds; `speaker` decides the pitch."""

    text: str
    start: float
    speaker: int = 0


class Voice:
    """The synthesizer, opened for the lines of one clip. The library is one per process: hold `_ONE_AT_A_TIME`."""

    def __init__(self) -> None:
        loader = importlib.import_module("espeakng_loader")
        self._library = ctypes.CDLL(str(loader.get_library_path()))
        self._rate = int(
            self._library.espeak_Initialize(_SYNCHRONOUS, 200, str(loader.get_data_path()).encode(), _NEVER_EXIT)
        )
        if self._rate <= 0:
            raise OSError("espeak-ng does not start")
        self._chunks: list[bytes] = []
        self._callback = _CALLBACK(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, *, words_per_minute: int, pitch: int) -> Samples:
        """The line as mono samples at RATE, -1..1."""
        self._chunks.clear()
        self._library.espeak_SetVoiceByName(_voice_for(text).encode())
        for parameter, value in ((_SPEED, words_per_minute), (_PITCH, pitch), (_SPREAD, 60)):
            self._library.espeak_SetParameter(parameter, value, 0)
        spoken = text.encode() + b"\0"
        self._library.espeak_Synth(spoken, len(spoken), 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.asarray(np.frombuffer(b"".join(self._chunks), np.int16) / 32768, np.float32)
        if not samples.size:
            return samples
        places = np.arange(0, samples.size - 1, self._rate / RATE)
        return np.asarray(np.interp(places, np.arange(samples.size), samples), np.float32)

    def close(self) -> None:
        # Started anew for each clip: the synthesizer carries its noise state from one utterance to the next.
        self._library.espeak_Terminate()


def _voice_for(text: str) -> str:
    for voice, first, last in (("ja", "\u3040", "\u30ff"), ("ko", "\uac00", "\ud7af"), ("cmn", "\u4e00", "\u9fff"),
                               ("ru", "\u0400", "\u04ff"), ("ar", "\u0600", "\u06ff")):  # fmt: skip
        if any(first <= char <= last for char in text):
            return voice
    return "en-us"


def speak(lines: Sequence[Line], *, seconds: float) -> tuple[list[Cue], Samples | None]:
    """Time the lines into a clip, and say them if a voice is installed.

    Returns the cues and the speech as `seconds` · RATE samples, or None without a voice. What does not fit is said
    faster, and at last cut off at the end of the clip.
    """
    lines = [Line(clean(line.text, MAX_LINE).strip(), line.start, line.speaker) for line in lines]
    lines = [line for line in lines if any(map(str.isalnum, line.text))]
    if not lines:
        return [], None
    with _ONE_AT_A_TIME:
        try:
            voice = Voice()
        except (ImportError, OSError, AttributeError):
            return _placed(lines, [_guess(line.text) for line in lines], seconds), None
        try:
            spoken = _said(voice, lines, 165)
            room = seconds - 0.5 - lines[0].start
            needed = sum(part.size for part in spoken) / RATE + 0.2 * len(lines)
            if needed > room:
                spoken = _said(voice, lines, min(320, round(165 * needed / max(room, 0.5))))
        finally:
            voice.close()
    cues = _placed(lines, [part.size / RATE for part in spoken], seconds)
    track = np.zeros(round(seconds * RATE), np.float32)
    for cue, part in zip(cues, spoken, strict=False):
        first = round(cue.start * RATE)
        cut = part[: max(0, track.size - first)]
        track[first : first + cut.size] += cut
    return cues, track


def _said(voice: Voice, lines: Sequence[Line], speed: int) -> list[Samples]:
    return [voice.say(line.text, words_per_minute=speed, pitch=38 + line.speaker * 17 % 45) for line in lines]


def _guess(text: str) -> float:
    """How long a line takes to read: 15 letters a second, 5 Chinese characters a second."""
    wide = sum(char > "\u2e7f" for char in text)
    return max(0.7, (len(text) - wide) / 15 + wide / 5)


def _placed(lines: Sequence[Line], lengths: Sequence[float], seconds: float) -> list[Cue]:
    cues: list[Cue] = []
    for line, length in zip(lines, lengths, strict=True):
        start = max(line.start, cues[-1].end + 0.15 if cues else 0.0)
        end = min(start + length, seconds)
        if end - start < 0.15:
            break
        cues.append(Cue(round(start, 3), round(end, 3), line.text))
    return cues
