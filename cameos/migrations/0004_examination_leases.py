"""An examination is claimed like a job: by a lease that runs out, a few times at most."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cameos", "0003_minors")]

    operations = [
        migrations.AddField("enrolment", "attempts", models.PositiveSmallIntegerField(default=0, db_default=0)),
        migrations.AddField("enrolment", "lease_until", models.DateTimeField(null=True)),
    ]
