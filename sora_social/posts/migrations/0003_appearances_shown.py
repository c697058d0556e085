"""Tell the appearances in posts from when on others see them. One pass over the appearances: a minute for a million."""

from django.db import migrations

TELL = """
UPDATE cameos_appearance SET shown_at = post.shown_at FROM posts_post post
WHERE post.id = cameos_appearance.post_id AND post.visibility <> 'private'
"""


class Migration(migrations.Migration):
    dependencies = [("posts", "0002_cast_count"), ("cameos", "0008_shown_at")]
    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
