"""What a post was made with, and whether its prompt is for nobody: nothing is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0006_people_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="is_sealed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="post",
            name="template",
            field=models.JSONField(null=True),
        ),
    ]
