import os
import time

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sora_social.media import upkeep
from tests import cast


def test_only_old_files_that_no_row_names_are_removed(db, media_folder):
    assert upkeep.remove_orphans() == 0
    clip = cast.clip()
    clip.video_key = "clips/aa/known.mp4"
    clip.save(update_fields=["video_key"])
    for key in ("clips/aa/known.mp4", "clips/aa/lost.mp4", "clips/bb/new.mp4", "posters/aa/lost.jpg"):
        default_storage.save(key, ContentFile(b"x"))
        if "new" not in key:
            os.utime(media_folder / key, (time.time() - 90_000,) * 2)
    assert upkeep.remove_orphans() == 2
    assert upkeep.remove_orphans() == 0
    left = sorted(path.name for path in media_folder.rglob("*") if path.is_file())
    assert left == ["known.mp4", "new.mp4"]
