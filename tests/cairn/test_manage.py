"""Cairn's commands on a machine where nothing was prepared."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT


def test_the_first_command_makes_the_embedded_database(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "verdicts", "--format", "json"],
        cwd=ROOT,
        env={**environment, "CAIRN_DATA_DIR": str(tmp_path / "new")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
