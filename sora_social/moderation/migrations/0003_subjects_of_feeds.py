"""What the desk does with topics, experiments, challenges and models, in the audit log: names of choices, nothing is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0002_cameos_and_memorials"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("viewed", "Viewed"),
                    ("sent", "Sent a form"),
                    ("removed", "Removed"),
                    ("restored", "Restored"),
                    ("suspended", "Suspended"),
                    ("reinstated", "Reinstated"),
                    ("admitted", "Admitted"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("closed", "Closed a name"),
                    ("declined", "Declined a claim"),
                    ("added", "Added"),
                    ("changed", "Changed"),
                    ("upheld", "Upheld reports"),
                    ("dismissed", "Dismissed reports"),
                    ("started", "Started an experiment"),
                    ("stopped", "Stopped an experiment"),
                    ("ended", "Ended a challenge"),
                    ("listed", "Put on the list"),
                    ("unlisted", "Took off the list"),
                    ("promoted", "Promoted a model"),
                    ("rolled_back", "Took a model back"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="subject_type",
            field=models.CharField(
                choices=[
                    ("post", "Post"),
                    ("comment", "Comment"),
                    ("person", "Person"),
                    ("job", "Job"),
                    ("report", "Report"),
                    ("clip", "Clip"),
                    ("cameo", "Cameo"),
                    ("memorial", "Memorial"),
                    ("topic", "Topic"),
                    ("experiment", "Experiment"),
                    ("challenge", "Challenge"),
                    ("model", "Model"),
                    ("page", "Page"),
                ],
                max_length=20,
            ),
        ),
    ]
