"""Faces in pictures: OpenCV's frontal Haar cascade, as trained by its authors.

P. Viola, M. Jones, "Rapid object detection using a boosted cascade of simple features", CVPR 2001. It finds upright
faces that look at the camera. It misses many others and sometimes sees one in a curtain, so it never refuses anybody.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

PORTRAIT_EDGE = 512
_SEARCHED_EDGE = 480  # of the picture's long side: a face of a sixth of it is found
_SMALLEST = 0.12  # of the picture's short side
_MARGIN = 1.7  # edge of a portrait to edge of the face in it


@dataclass(frozen=True)
class Square:
    """Part of a picture, in its pixels."""

    left: int
    top: int
    edge: int

    def grown(self, factor: float, within: tuple[int, int]) -> "Square":
        """The same middle with edges `factor` times as long, moved and cut to lie within a picture's size."""
        edge = min(round(self.edge * factor), *within)
        left, top = (place + (self.edge - edge) // 2 for place in (self.left, self.top))
        return Square(min(max(left, 0), within[0] - edge), min(max(top, 0), within[1] - edge), edge)

    def cut(self, picture: Image.Image) -> Image.Image:
        return picture.crop((self.left, self.top, self.left + self.edge, self.top + self.edge))


@dataclass(frozen=True)
class View:
    """A picture and the faces in it, largest first."""

    picture: Image.Image
    faces: tuple[Square, ...] = ()

    @property
    def middle(self) -> Square:
        """The largest square in the middle of the picture."""
        width, height = self.picture.size
        edge = min(width, height)
        return Square((width - edge) // 2, (height - edge) // 2, edge)

    @property
    def subject(self) -> Square:
        """The largest face; without one, the middle of the picture."""
        return self.faces[0] if self.faces else self.middle

    @property
    def sharpness(self) -> float:
        """Mean squared step between neighbouring pixels of the subject, at 128x128."""
        small = np.asarray(self.subject.cut(self.picture).convert("L").resize((128, 128)), np.float32)
        return float((np.diff(small, axis=0) ** 2).mean() + (np.diff(small, axis=1) ** 2).mean())

    def portrait(self) -> bytes:
        """The subject with a margin, a JPEG of 512x512 with nothing but its pixels."""
        margin = _MARGIN if self.faces else 1.0
        cut = self.subject.grown(margin, self.picture.size).cut(self.picture)
        target = io.BytesIO()
        cut.resize((PORTRAIT_EDGE, PORTRAIT_EDGE), Image.Resampling.LANCZOS).save(target, "JPEG", quality=88)
        return target.getvalue()


def views_of(pictures: Sequence[Image.Image]) -> list[View]:
    """Look for faces. Raises ImportError without OpenCV."""
    import cv2
    from cv2.data import haarcascades

    cascade = cv2.CascadeClassifier(str(Path(haarcascades) / "haarcascade_frontalface_alt2.xml"))
    contrast = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8))  # dark skin in poor light is missed without it

    def found(picture: Image.Image) -> tuple[Square, ...]:
        scale = min(1.0, _SEARCHED_EDGE / max(picture.size))
        size = [max(1, round(edge * scale)) for edge in picture.size]
        if min(size) < 24:
            return ()
        grey = contrast.apply(np.asarray(picture.convert("L").resize((size[0], size[1]))))
        smallest = max(24, round(min(size) * _SMALLEST))
        boxes = cascade.detectMultiScale(grey, scaleFactor=1.1, minNeighbors=4, minSize=(smallest, smallest))
        squares = [Square(*(round(int(part) / scale) for part in box[:3])) for box in boxes]
        return tuple(sorted(squares, key=lambda square: square.edge, reverse=True))

    return [View(picture, found(picture)) for picture in pictures]


def best_of(views: Sequence[View]) -> View:
    """The sharpest of the views with one face, else with any face, else of all."""
    return max(views, key=lambda view: (len(view.faces) == 1, bool(view.faces), view.sharpness))
