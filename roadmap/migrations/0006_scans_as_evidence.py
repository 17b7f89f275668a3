from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("roadmap", "0005_finding_list"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountscan",
            name="scan_id",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="accountscan",
            name="version",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="verdictchange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("evidence", "Evidence"),
                    ("setting", "Setting"),
                    ("attestation", "Attestation"),
                    ("exception", "Exception"),
                    ("account_state", "Account"),
                    ("rule", "Rule"),
                    ("import", "Scanner results"),
                    ("first", "First judged"),
                ],
                max_length=16,
            ),
        ),
    ]
