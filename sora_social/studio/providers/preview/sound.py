"""Sound: the place's own noise and a few bars of music, made from nothing but numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sora_social.studio.providers.preview.palette import generator
from sora_social.studio.providers.preview.reading import Meaning
from sora_social.studio.providers.preview.speech import RATE, Samples

Shape = Callable[[NDArray[np.float64]], NDArray[np.float64]]

BEDS = {
    "beach": "waves", "lake": "stream", "underwater": "bubbles", "city": "hum", "street": "hum", "forest": "birdsong",
    "field": "birdsong", "mountains": "wind", "desert": "wind", "sky": "wind", "stage": "beat",
}  # fmt: skip
MOODS = {
    # tempo in beats per minute, scale in semitones from the root, chords as steps of the scale, brightness 0..1
    "happy": (126, (0, 2, 4, 5, 7, 9, 11), (0, 4, 5, 3), 0.8),
    "sad": (66, (0, 2, 3, 5, 7, 8, 10), (0, 5, 3, 4), 0.3),
    "tense": (104, (0, 1, 3, 5, 7, 8, 11), (0, 0, 1, 0), 0.55),
    "calm": (72, (0, 2, 4, 7, 9, 12, 14), (0, 3, 1, 4), 0.4),
    "": (92, (0, 2, 4, 5, 7, 9, 11), (0, 5, 3, 4), 0.5),
}


@dataclass(frozen=True)
class Ticks:
    """Short tones: how many a second, between which pitches (hertz), how long; each glides to `bend` its pitch."""

    per_second: float
    low: float
    high: float
    seconds: float
    level: float
    bend: float = 1.0


# The middle (hertz) and width (octaves) of a band of noise, its level, and the seconds of its swell (0 = steady).
NOISES = {
    "waves": (520, 1.7, 0.55, 4.2), "stream": (520, 1.7, 0.5, 1.3), "wind": (300, 1.0, 0.45, 3.1),
    "rain": (3600, 1.2, 0.3, 0.0), "hum": (110, 0.9, 0.3, 0.0), "fire": (260, 1.0, 0.14, 0.0),
    "bubbles": (160, 0.8, 0.22, 0.0), "birdsong": (420, 1.0, 0.07, 0.0), "thunder": (60, 0.9, 0.5, 2.9),
}  # fmt: skip
TICKS = {
    "fire": Ticks(14, 1800, 4200, 0.012, 0.3),
    "bubbles": Ticks(3.5, 380, 900, 0.12, 0.26, 1.6),
    "crickets": Ticks(9, 4200, 4600, 0.05, 0.12),
    "birdsong": Ticks(2.6, 2200, 4200, 0.16, 0.16, 1.35),
}


def compose(meaning: Meaning, *, seconds: float, seed: int) -> Samples:
    """The soundtrack of a meaning without its speech: mono at RATE, `seconds` long, within -1..1."""
    count = round(seconds * RATE)
    chances = generator(seed, meaning.flavour, "sound")
    wanted = dict.fromkeys((*([BEDS[meaning.setting]] if meaning.setting in BEDS else []), *meaning.sounds))
    if "storm" in meaning.weathers:
        wanted |= {"rain": None, "thunder": None}
    track = music(meaning, count, chances) * 0.5
    for bed in list(wanted)[:3]:
        track += _bed(bed, count, chances)
    fade = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.15 * RATE))
    peak = float(np.abs(track).max(initial=1e-6))
    return (track * fade * (0.5 / max(peak, 0.5))).astype(np.float32)


def blend(track: Samples, speech: Samples | None) -> Samples:
    """Lay speech over a track, which stays low and steps back while somebody speaks. Never clips."""
    if speech is None or not speech.any():
        return track
    voiced = speech[np.abs(speech) > 0.02]
    clear = speech * (0.2 / max(float(np.sqrt(np.square(voiced).mean())) if voiced.size else 1.0, 1e-3))
    clear = np.tanh(clear * 1.1)
    window = RATE // 20
    padded = np.concatenate([np.abs(speech), np.zeros(-speech.size % window, np.float32)])
    loud = (padded.reshape(-1, window).max(axis=1) > 0.01).astype(np.float64)
    loud = np.convolve(loud, np.ones(9) / 9, "same")
    level = np.interp(
        np.arange(track.size), np.arange(loud.size) * window + window / 2, 1 - 0.72 * np.minimum(loud * 1.5, 1.0)
    )
    mixed = track * 0.6 * level + clear
    return np.asarray(mixed / max(1.0, float(np.abs(mixed).max(initial=0.0)) / 0.97), np.float32)


def music(meaning: Meaning, count: int, chances: np.random.Generator) -> NDArray[np.float64]:
    """A pad, a bass and plucked notes in the key of the mood."""
    tempo, scale, chords, bright = MOODS[meaning.mood or ("calm" if meaning.time in {"night", "dawn"} else "")]
    beat = 60 / tempo / (1.25 if meaning.pace > 1 else 0.85 if meaning.pace < 1 else 1.0)
    root = 196.0 * 2 ** (int(chances.integers(-4, 5)) / 12)
    track: NDArray[np.float64] = np.zeros(count + RATE * 3)
    bars = math.ceil(count / RATE / (beat * 4)) + 1
    for bar in range(bars):
        start = bar * beat * 4
        if start * RATE >= count:
            break
        step = chords[bar % len(chords)]
        for voice in (0, 2, 4):
            _add(track, _pad(_pitch(root, scale, step + voice), beat * 4.4), start, 0.10)
        _add(track, _pluck(_pitch(root, scale, step) / 2, 1.4, 0.2), start, 0.32)
        for eighth in range(8):
            if chances.random() < 0.3 + 0.4 * bright:
                note = _pitch(root, scale, step + (0, 2, 4, 7)[int(chances.integers(4))]) * 2
                _add(track, _pluck(note, 0.9, bright), start + eighth * beat / 2, 0.16)
    return track[:count]


def _pitch(root: float, scale: tuple[int, ...], step: int) -> float:
    return float(root * 2 ** ((scale[step % len(scale)] + 12 * (step // len(scale))) / 12))


def _add(track: NDArray[np.float64], note: Samples, start: float, level: float) -> None:
    first = round(start * RATE)
    cut = note[: max(0, track.size - first)]
    track[first : first + cut.size] += cut * level


def _pluck(pitch: float, seconds: float, bright: float) -> Samples:
    t = _moments(seconds)
    tone = sum(
        share * np.sin(harmonic * math.tau * pitch * t)
        for harmonic, share in ((1, 1), (2, bright / 2), (3, bright / 4))
    )
    return np.asarray(tone * np.exp(t * -4.5) * np.minimum(t / 0.006, 1), np.float32)


def _pad(pitch: float, seconds: float) -> Samples:
    t = _moments(seconds)
    swell = np.minimum(np.minimum(t, seconds - t) / 0.6, 1)
    tone = np.sin(math.tau * pitch * t) + np.sin(math.tau * pitch * 1.004 * t)
    return np.asarray(tone * swell * 0.5, np.float32)


def _moments(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE), dtype=np.float32) / np.float32(RATE)


def _noise(count: int, chances: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Noise whose strength at each frequency (hertz) is what `shape` says, peak 1."""
    size = 1 << math.ceil(math.log2(max(count, 2)))
    bins = np.fft.rfftfreq(size, 1 / RATE)
    weight = np.asarray(shape(np.asarray(bins, np.float64)), np.float32)
    used = int(np.flatnonzero(weight > 1e-3).max(initial=1)) + 1
    spectrum = np.zeros(bins.size, np.complex64)
    spectrum[:used] = weight[:used] * np.exp(1j * chances.uniform(0, math.tau, used)).astype(np.complex64)
    wave = np.fft.irfft(spectrum, size)[:count]
    return np.asarray(wave / max(float(np.abs(wave).max()), 1e-9), np.float64)


def _hump(middle: float, width: float) -> Shape:
    """A band around a frequency, `width` octaves to either side."""
    return lambda bins: (
        np.exp(-((np.log2(np.maximum(bins, 1) / middle) / width) ** 2)) / np.sqrt(np.maximum(bins, 1) / middle)
    )


def _swell(count: int, period: float, low: float, turn: float = 0.0) -> NDArray[np.float64]:
    t = np.arange(count) / RATE
    return np.asarray(low + (1 - low) * (0.5 + 0.5 * np.sin((t / period + turn) * math.tau)) ** 2)


def _bed(name: str, count: int, chances: np.random.Generator) -> NDArray[np.float64]:
    """One sound of a place."""
    if name == "beat":
        return _drums(count, chances)
    if name == "engine":
        return _engine(count)
    track = np.zeros(count)
    if name in NOISES:
        middle, width, level, period = NOISES[name]
        swell = _swell(count, period, 0.2, float(chances.random())) if period else 1.0
        track += _noise(count, chances, _hump(middle, width)) * swell * level
    if name in TICKS:
        track += _ticks(count, chances, TICKS[name])
    return track


def _engine(count: int) -> NDArray[np.float64]:
    t = np.arange(count) / RATE
    cycle = 62 * t + 3 * np.sin(t * 1.4)
    return np.asarray(sum(np.sin(math.tau * cycle * harmonic) / harmonic for harmonic in range(1, 7)) * 0.16)


def _ticks(count: int, chances: np.random.Generator, ticks: Ticks) -> NDArray[np.float64]:
    """Short tones at random moments."""
    track = np.zeros(count)
    t = np.arange(round(ticks.seconds * RATE)) / RATE
    envelope = np.sin(np.pi * t / ticks.seconds) ** 2
    for _ in range(max(1, round(ticks.per_second * count / RATE))):
        start = int(chances.integers(0, max(1, count - t.size)))
        low = float(chances.uniform(ticks.low, ticks.high))
        glide = t + (ticks.bend - 1) * t * t / ticks.seconds / 2
        tone = np.sin(math.tau * low * glide) * envelope * ticks.level * chances.uniform(0.4, 1)
        room = track[start : start + t.size]
        room += tone[: room.size]
    return track


def _drums(count: int, chances: np.random.Generator) -> NDArray[np.float64]:
    track, beat = np.zeros(count + RATE), 60 / 122
    t = np.arange(round(0.28 * RATE)) / RATE
    kick = np.sin(math.tau * (48 * t + 5 * (1 - np.exp(-t * 30)))) * np.exp(-t * 11)
    hat = chances.normal(0, 1, round(0.05 * RATE)) * np.exp(-np.arange(round(0.05 * RATE)) / RATE * 90)
    for place in range(math.ceil(count / RATE / beat)):
        first = round(place * beat * RATE)
        track[first : first + kick.size] += kick * 0.5
        off = first + round(beat / 2 * RATE)
        track[off : off + hat.size] += hat[: max(0, track.size - off)] * 0.07
    return track[:count]
