"""Authors whose posts are pulled instead of pushed, and a short list of what others make something of.

Two small tables, and an index over the posts that somebody made something of: about a second for each million posts,
during which impressions wait.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("feeds", "0002_exposure_waits"),
        ("posts", "0003_appearances_shown"),
    ]

    operations = [
        migrations.CreateModel(
            name="LoudAuthor",
            fields=[
                (
                    "author",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="MostMade",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="posts.post",
                    ),
                ),
                ("maker_count", models.PositiveIntegerField(default=0)),
                ("creation_rate", models.FloatField(default=0.0)),
                ("counted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.AddIndex(
            model_name="exposure",
            index=models.Index(condition=models.Q(("publish_count__gt", 0)), fields=["-post"], name="posts_made_of"),
        ),
        migrations.AddIndex(
            model_name="mostmade",
            index=models.Index(fields=["-maker_count", "-post"], name="most_made_by_makers"),
        ),
        migrations.AddIndex(
            model_name="mostmade",
            index=models.Index(fields=["-creation_rate", "-post"], name="most_made_by_rate"),
        ),
    ]
