"""The posts that cast a face, newest first, are read from an index: the most cast are in many thousands."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cameos", "0005_appearances_stay")]

    operations = [
        migrations.AddIndex(
            "appearance",
            models.Index(
                fields=["cameo", "-post_id"],
                condition=models.Q(post_id__isnull=False, withdrawn_at=None),
                name="castings_newest",
            ),
        ),
    ]
