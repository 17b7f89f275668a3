from django.apps.registry import Apps
from django.db import ProgrammingError, migrations, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TEXTS = {"finding_title_text": "title", "finding_resource_text": "resource"}


def add_text_indexes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What a search for a piece of text reads on PostgreSQL. Without the extension, which only an
    administrator may be able to install, it reads the table instead."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        # A scan sees most findings again. With half of a page left for the rows' next versions, no
        # index is written then; without, the table grows to that size all the same.
        cursor.execute("ALTER TABLE roadmap_finding SET (fillfactor = 50)")
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        if cursor.fetchone() is None:
            return
        try:
            with transaction.atomic(connection.alias):
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except ProgrammingError:
            return
        for name, column in TEXTS.items():
            cursor.execute(
                f"CREATE INDEX {name} ON roadmap_finding "
                f"USING gin (upper({column}::text) gin_trgm_ops)"
            )


def drop_text_indexes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        for name in TEXTS:
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        cursor.execute("ALTER TABLE roadmap_finding RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0001_initial"),
        ("roadmap", "0004_scanner_results"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="finding",
            name="roadmap_fin_state_a12c52_idx",
        ),
        migrations.RemoveIndex(
            model_name="finding",
            name="roadmap_fin_source_936884_idx",
        ),
        migrations.AddField(
            model_name="finding",
            name="weight",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(severity="info", then=1),
                    models.When(severity="low", then=2),
                    models.When(severity="medium", then=3),
                    models.When(severity="high", then=4),
                    models.When(severity="critical", then=5),
                    default=0,
                ),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-weight", "-first_seen_at", "-id"], name="finding_worst"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["state", "-weight", "-first_seen_at", "-id"], name="finding_open"
            ),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["-first_seen_at", "-id"], name="finding_newest"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(fields=["account", "state", "weight"], name="finding_by_account"),
        ),
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                fields=["source", "item", "code", "state", "weight"], name="finding_by_check"
            ),
        ),
        migrations.RunPython(add_text_indexes, drop_text_indexes),
    ]
