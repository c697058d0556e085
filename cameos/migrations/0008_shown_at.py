"""From when on others see what somebody appears in: what they do not see yet is taken back like a draft."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cameos", "0007_taken_back_stays")]

    operations = [
        migrations.AddField("appearance", "shown_at", models.DateTimeField(null=True)),
        migrations.RemoveIndex("appearance", "appearances_unpublished"),
        migrations.AddIndex(
            "appearance",
            models.Index(fields=["cameo", "shown_at"], condition=Q(withdrawn_at=None), name="appearances_by_day"),
        ),
    ]
