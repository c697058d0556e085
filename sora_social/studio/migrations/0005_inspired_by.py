"""The post from which the composer was opened: an empty column, nothing is rewritten."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0004_challenge"),
        ("studio", "0004_challenge"),
    ]

    operations = [
        migrations.AddField(
            model_name="generation",
            name="inspired_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="posts.post",
            ),
        ),
    ]
