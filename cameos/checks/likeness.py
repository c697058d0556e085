"""Likeness to faces that others have enrolled: a perceptual hash, which knows a picture again and not a person.

It finds the same recording, re-encoded, cropped a little or cut anew, and a recording made in the same place with the
same face. It is not face recognition: it measures no features of anybody, and a new recording of the same person
elsewhere passes. The hash is ImageHash's `phash`: the signs of the low frequencies of a picture's cosine transform.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PIL import Image

from cameos.checks.faces import View
from cameos.checks.findings import Finding, KnownFace, Verdict, engine

_SIDE = 16  # a hash has 16x16 bits
_NEAR = 32
"""Bits of 256 that may differ. Measured on 16 drawn faces, each recorded again with other words and another turn: the
same face within 32 bits in 60 of 64 comparisons; two faces 40 at the least, and half of 960 pairs 104 and more."""
_MARGIN = 1.3  # hair and jaw belong to the picture


@dataclass(frozen=True)
class Likeness:
    finding: Finding
    template: bytes | None = None
    similar_to: tuple[int, ...] = ()


def likeness(views: Sequence[View], known: Iterable[KnownFace]) -> Likeness:
    """Compare a face, or the middle of pictures without one, with known templates. Near ones are undecided.

    The template is of the view that is most like the others, so a blink or a turn of the head does not decide.
    """
    middles = [view.middle.cut(view.picture) for view in views]
    faces = [view.subject.grown(_MARGIN, view.picture.size).cut(view.picture) for view in views if len(view.faces) == 1]
    return _compared(faces if 2 * len(faces) > len(views) else middles, [*faces, *middles], known)


def likeness_of_whole(picture: Image.Image, known: Iterable[KnownFace]) -> Likeness:
    """Compare a picture as a whole with known templates."""
    return _compared([picture], [picture], known)


def _compared(own: Sequence[Image.Image], shown: Sequence[Image.Image], known: Iterable[KnownFace]) -> Likeness:
    """The template is the medoid of `own`; a known face is near when it is near to anything that is `shown`."""
    version = f"likeness {engine('ImageHash')}/1"
    try:
        hashes = {id(picture): _hash(picture) for picture in shown}
    except ImportError:
        return Likeness(Finding("likeness", version, Verdict.UNDECIDED, "No image hashing is installed here."))
    if not hashes:
        return Likeness(Finding("likeness", version, Verdict.UNDECIDED, "There was no picture to compare."))
    candidates = [hashes[id(picture)] for picture in own]
    template = min(candidates, key=lambda one: sum(_distance(one, other) for other in candidates))
    distances = [(min(_distance(face.template, one) for one in hashes.values()), face.cameo_id) for face in known]
    near = tuple(cameo_id for distance, cameo_id in sorted(distances) if distance <= _NEAR)
    if near:
        others = "another cameo" if len(near) == 1 else f"{len(near)} other cameos"
        return Likeness(Finding("likeness", version, Verdict.UNDECIDED, f"It looks like {others}."), template, near)
    return Likeness(Finding("likeness", version, Verdict.PASS, "It looks like no other cameo."), template)


def _hash(picture: Image.Image) -> bytes:
    import imagehash

    bits = imagehash.phash(picture, hash_size=_SIDE).hash
    return bytes.fromhex(str(imagehash.ImageHash(bits)))


def _distance(one: bytes, other: bytes) -> int:
    """How many bits differ. A template of another length was made in another way and is far from everything."""
    if len(one) != len(other):
        return 8 * max(len(one), len(other))
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
