import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# on the way back: a veto has to have a name again
FORGET_NAMELESS = "DELETE FROM studio_cocreator WHERE person_id IS NULL"


class Migration(migrations.Migration):
    """A veto may be nobody's. Those that are there have their row, and stand by it: nothing is to be filled in."""

    dependencies = [
        ("studio", "0008_co_creators"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="cocreator",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="cocreator",
            constraint=models.CheckConstraint(
                condition=models.Q(("person__isnull", False), ("state", "vetoed"), _connector="OR"),
                name="only_a_veto_is_nobodys",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET_NAMELESS),
    ]
