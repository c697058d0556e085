"""Pictures of lineages, for a viewer and for the desk."""

from remix.drawing import choosing, layout
from remix.drawing.svg import LinkOf, svg
from remix.reading import Sight, StaffSight, ViewerSight
from sora_social.accounts.models import User

MIME = "image/svg+xml"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'"  # for whoever serves one: it asks for nothing, and runs nothing
)


def picture(viewer: User, post_id: int) -> bytes:
    """The lineage of a post as `viewer` may know it, as SVG. Raises NotFound."""
    return _drawn(ViewerSight(viewer), post_id)


def desk_picture(post_id: int, *, link_of: LinkOf) -> bytes:
    """The lineage of a post as moderators see it, with links. Raises NotFound."""
    return _drawn(StaffSight(), post_id, link_of=link_of)


def _drawn(sight: Sight, post_id: int, *, link_of: LinkOf | None = None) -> bytes:
    drawing = choosing.choose(sight, post_id)
    return svg(drawing, layout.lay_out(drawing), link_of=link_of)
