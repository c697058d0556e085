from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="manifest_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
    ]
