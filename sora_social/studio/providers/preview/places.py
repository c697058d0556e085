"""The list of all places, and where in each of them things stand, float and fly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sora_social.studio.providers.preview import depths, interiors, landscapes, towns
from sora_social.studio.providers.preview.stage import Stage


@dataclass(frozen=True)
class Place:
    """A setting: how to build it, and where in it things stand, float and fly (shares of the height)."""

    build: Callable[[Stage], None]
    ground: tuple[float, float]
    water: float = 0.0
    air: tuple[float, float] = (0.14, 0.5)
    is_weightless: bool = False
    is_indoors: bool = False


PLACES: Mapping[str, Place] = {
    "beach": Place(landscapes.beach, (0.86, 0.95), water=0.64),
    "lake": Place(landscapes.lake, (0.89, 0.96), water=0.68),
    "mountains": Place(landscapes.mountains, (0.82, 0.93)),
    "forest": Place(landscapes.forest, (0.87, 0.95), air=(0.2, 0.55)),
    "field": Place(landscapes.field, (0.84, 0.94)),
    "desert": Place(landscapes.desert, (0.86, 0.95)),
    "sky": Place(landscapes.clouds, (0.72, 0.86), air=(0.16, 0.62), is_weightless=True),
    "city": Place(towns.city, (0.85, 0.94)),
    "street": Place(towns.street, (0.85, 0.94)),
    "space": Place(depths.space, (0.5, 0.7), air=(0.2, 0.7), is_weightless=True),
    "moon": Place(depths.moon, (0.84, 0.93)),
    "underwater": Place(depths.underwater, (0.88, 0.95), air=(0.2, 0.72), is_weightless=True),
    "room": Place(interiors.room, (0.84, 0.94), air=(0.25, 0.5), is_indoors=True),
    "kitchen": Place(interiors.kitchen, (0.735, 0.75), air=(0.3, 0.5), is_indoors=True),
    "stage": Place(interiors.show, (0.84, 0.9), is_indoors=True),
}
