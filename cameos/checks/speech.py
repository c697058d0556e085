"""Spoken numbers, heard by PocketSphinx with the English acoustic model of its wheel.

D. Huggins-Daines et al., "PocketSphinx: a free, real-time continuous speech recognition system for hand-held devices",
ICASSP 2006. The recogniser must hear exactly three numbers of 10 to 99 and is not told which, so that it cannot be
talked into the ones that were asked. What it does not hear right is for a person to hear.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from cameos.checks.findings import Finding, Verdict, engine

_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_GRAMMAR = f"""#JSGF V1.0;
grammar challenge;
public <said> = <number> <number> <number>;
<number> = <teen> | <tens> [<unit>] | <unit> (<unit> | zero | oh);
<teen> = {" | ".join(_TEENS)};
<tens> = {" | ".join(_TENS)};
<unit> = {" | ".join(_UNITS[1:])};
"""
_LOUDEST = 16_384.0  # of 32,768: what every recording is brought to
_FLOOR = 100.0  # of 32,768, rms of added noise: in digital silence the model's features are meaningless


def spoken_numbers(sound: NDArray[np.int16], numbers: Sequence[int]) -> Finding:
    """Whether three numbers are heard in their order: pass or undecided, never fail.

    `sound` is mono at 16 kHz. "42" may be said "forty two" or "four two".
    """
    version = f"speech {engine('pocketsphinx')}/1"
    try:
        heard = _heard(sound)
    except ImportError:
        return Finding("spoken_numbers", version, Verdict.UNDECIDED, "No speech recogniser is installed here.")
    asked = ", ".join(map(str, numbers))
    if heard in _ways_to_say(numbers):
        return Finding("spoken_numbers", version, Verdict.PASS, f"The numbers {asked} were heard in this order.")
    what = f'It heard "{heard}"' if heard else "It understood nothing"
    return Finding("spoken_numbers", version, Verdict.UNDECIDED, f"{what}; asked were {asked}. A person should listen.")


def _heard(sound: NDArray[np.int16]) -> str:
    """The words of the best path through the grammar; empty when there is none."""
    from pocketsphinx import Decoder

    if not sound.size:
        return ""
    level = _LOUDEST / max(1.0, float(np.abs(sound.astype(np.float32)).max()))
    noise = np.random.default_rng(0).normal(0.0, _FLOOR, sound.size)
    raised = np.clip(sound * level + noise, -32_768, 32_767).astype(np.int16)
    decoder = Decoder(lm=None, loglevel="FATAL")
    decoder.add_jsgf_string("challenge", _GRAMMAR)
    decoder.activate_search("challenge")
    decoder.start_utt()
    decoder.process_raw(raised.tobytes(), no_search=False, full_utt=True)
    decoder.end_utt()
    best = decoder.hyp()
    return str(best.hypstr) if best is not None else ""


def _ways_to_say(numbers: Sequence[int]) -> set[str]:
    return {" ".join(words) for words in product(*map(_words_for, numbers))}


def _words_for(number: int) -> list[str]:
    tens, unit = divmod(number, 10)
    digits = [f"{_UNITS[tens]} {word}" for word in (("zero", "oh") if unit == 0 else (_UNITS[unit],))]
    if tens == 1:
        return [_TEENS[unit], *digits]
    return [_TENS[tens - 2] + (f" {_UNITS[unit]}" if unit else ""), *digits]
