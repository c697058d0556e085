import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import sora_social.core.databases


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0008_credits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="share_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", sora_social.core.databases.IdField(serialize=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="posts.post",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("post", "person"), name="share_once")],
            },
        ),
    ]
