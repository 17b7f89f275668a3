"""The image and the compose file, as far as they can be checked without a container engine.

The file is held against the compose specification's schema, the Dockerfile against the rules a
linter would have, and every command of the services is run as written, on this machine, with
production settings on a real PostgreSQL and Redis.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.bin.celery import celery
from django.db import connection
from dockerfile_parse import DockerfileParser
from knox.models import AuthToken

from inventory.models import Role
from roadmap.models import ScanImport
from tests.factories import UserFactory
from tests.roadmap.test_scan_import import result

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60
OURS = ["migrate", "web", "worker", "beat"]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, with anchors and merges resolved."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    services: dict[str, Any] = compose["services"]
    return services


@pytest.fixture(scope="module")
def instructions() -> list[dict[str, str]]:
    """The Dockerfile's instructions, each with ``instruction`` and ``value``."""
    structure = DockerfileParser(str(ROOT)).structure
    return [
        {"instruction": one["instruction"], "value": one["value"]}
        for one in structure
        if one["instruction"] != "COMMENT"
    ]


@pytest.fixture(scope="module")
def last_stage(instructions: list[dict[str, str]]) -> list[dict[str, str]]:
    """What the image itself is made by; what comes before is copied from."""
    last = max(i for i, one in enumerate(instructions) if one["instruction"] == "FROM")
    return instructions[last:]


@pytest.fixture(scope="module")
def data_folder(last_stage: list[dict[str, str]]) -> str:
    """Where all processes of the image keep their files."""
    [settings] = values(last_stage, "ENV")
    return dict(one.split("=", 1) for one in settings.split())["CAIRN_DATA_DIR"]


def values(instructions: list[dict[str, str]], name: str) -> list[str]:
    return [one["value"] for one in instructions if one["instruction"] == name]


def volume_at(service: dict[str, Any], folder: str) -> str:
    """The volume that a service may write to in that folder."""
    [found] = [each for each in service["volumes"] if each.split(":")[1:] == [folder]]
    return str(found).partition(":")[0]


def test_the_compose_file_follows_the_specification() -> None:
    answer = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout


def test_every_service_runs_on_a_read_only_root_and_is_watched(services: dict[str, Any]) -> None:
    assert all(service["read_only"] for service in services.values())
    assert all("healthcheck" in services[name] for name in ("postgres", "redis", "worker", "beat"))
    for name in OURS:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_nothing_starts_before_the_database_is_migrated(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        conditions = services[name]["depends_on"]
        assert conditions["migrate"] == {"condition": "service_completed_successfully"}
        assert conditions["redis"] == {"condition": "service_healthy"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_secrets_come_from_the_environment_alone(services: dict[str, Any]) -> None:
    environment = services["web"]["environment"]
    for name in ("SECRET_KEY", "ALLOWED_HOSTS"):
        assert environment[name].startswith(f"${{{name}:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_")


def test_workers_can_be_scaled(services: dict[str, Any]) -> None:
    assert "container_name" not in services["worker"]
    assert "ports" not in services["worker"]


def test_only_this_machine_reaches_the_web_server(services: dict[str, Any]) -> None:
    """HTTPS ends in a proxy in front of it; nothing else is published."""
    published = {name: service.get("ports") for name, service in services.items()}
    assert {name: ports for name, ports in published.items() if ports} == {
        "web": ["127.0.0.1:${PORT:-8000}:8000"]
    }


def test_images_are_named_with_a_version(
    services: dict[str, Any], instructions: list[dict[str, str]]
) -> None:
    bases = [value.split(" AS ")[0] for value in values(instructions, "FROM")]
    images = [service["image"] for service in services.values() if "build" not in service]
    for image in bases + images:
        _, _, tag = image.partition(":")
        assert tag, image
        assert not tag.startswith("latest"), image


def test_the_image_runs_as_nobody_in_particular(last_stage: list[dict[str, str]]) -> None:
    [user] = values(last_stage, "USER")
    assert user.isdigit()
    assert int(user) >= 10000


def test_an_upload_lies_where_workers_find_it(
    compose: dict[str, Any], services: dict[str, Any], data_folder: str
) -> None:
    shared = {volume_at(services[name], data_folder) for name in OURS}
    assert len(shared) == 1
    assert shared <= compose["volumes"].keys()
    for name in OURS:
        assert "CAIRN_DATA_DIR" not in services[name]["environment"]
        assert data_folder not in services[name]["tmpfs"]


def test_the_user_of_the_image_may_write_to_the_data_folder(
    services: dict[str, Any], last_stage: list[dict[str, str]], data_folder: str
) -> None:
    """A new volume takes the owner of the folder that it is mounted over, which is declared as a
    volume only once it has its owner."""
    assert all("user" not in services[name] for name in OURS)
    [user] = values(last_stage, "USER")
    [step] = values(last_stage, "RUN")
    made, owned = step.split(" && ")
    assert f"--uid {user} " in made
    assert owned.split() == [
        *("install", "--directory", "--owner", made.split()[-1], "--mode", "700", data_folder)
    ]
    order = [one["instruction"] for one in last_stage]
    assert order.index("RUN") < order.index("VOLUME")
    assert values(last_stage, "VOLUME") == [data_folder]


def test_every_service_of_ours_has_a_command_that_exists(services: dict[str, Any]) -> None:
    for name in OURS:
        program, *arguments = services[name]["command"]
        assert shutil.which(program, path=str(BIN)), program
        if program == "celery":
            assert arguments[:3] == ["-A", "cairn", name]
            assert name in celery.commands
    assert services["migrate"]["command"][1:3] == ["manage.py", "migrate"]
    assert services["web"]["command"][1:] == ["cairn.wsgi"]


def test_the_image_is_built_from_hashed_locks(instructions: list[dict[str, str]]) -> None:
    steps = " ".join(values(instructions, "RUN"))
    assert "--require-hashes" in steps
    assert "npm ci" in steps
    assert "npm install" not in steps


def test_commands_need_no_shell_and_nothing_is_fetched_by_address(
    instructions: list[dict[str, str]],
) -> None:
    assert values(instructions, "ADD") == []
    assert all(value.startswith("[") for value in values(instructions, "CMD"))
    for step in values(instructions, "RUN"):
        assert not any(tool in step for tool in ("curl ", "wget ", "sudo ")), step


def test_everything_copied_exists_and_is_not_ignored(instructions: list[dict[str, str]]) -> None:
    kept = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    for value in values(instructions, "COPY"):
        if value.startswith("--from"):
            continue
        for source in set(value.split()[:-1]) - {"."}:
            assert (ROOT / source).exists(), source
            assert source in kept, source
    assert all((ROOT / path).exists() for path in kept)


class Installation:
    """The services' commands on this machine, each with the environment it has in its container
    and with its volumes as folders."""

    def __init__(
        self, services: dict[str, Any], data_folder: str, volumes: Path, port: int
    ) -> None:
        self.services, self.data_folder, self.volumes = services, data_folder, volumes
        self.port = port
        self.started: list[subprocess.Popen[bytes]] = []
        url = os.environ["DATABASE_URL"].rpartition("/")[0]
        self.environment = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": "/nonexistent",
            "HOSTNAME": socket.gethostname(),
            "DJANGO_SETTINGS_MODULE": "cairn.settings.production",
            "SECRET_KEY": "only-for-tests",
            "ALLOWED_HOSTS": "cairn.example",
            "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
            "REDIS_URL": os.environ["REDIS_URL"],
            "STATIC_ROOT": str(volumes / "static"),
            "TRUST_X_FORWARDED_PROTO": "1",
            "PORT": str(port),
        }

    def data(self, service: str) -> Path:
        folder = self.volumes / volume_at(self.services[service], self.data_folder)
        folder.mkdir(exist_ok=True)
        return folder

    def environment_of(self, service: str) -> dict[str, str]:
        return {**self.environment, "CAIRN_DATA_DIR": str(self.data(service))}

    def command(self, service: str) -> list[str]:
        written: list[str] = self.services[service]["command"]
        return [part.replace("${WORKER_CONCURRENCY:-4}", "1") for part in written]

    def start(self, service: str) -> None:
        self.started.append(
            subprocess.Popen(
                self.command(service),
                cwd=ROOT,
                env=self.environment_of(service),
                start_new_session=True,
            )
        )

    def run(self, service: str, command: list[str] | str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment_of(service),
            shell=isinstance(command, str),
            timeout=START_SECONDS,
            check=False,
        )

    def becomes_healthy(self, service: str, check: list[str] | str) -> bool:
        return becomes_true(lambda: self.run(service, check).returncode == 0)

    def stop(self) -> None:
        for process in self.started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(START_SECONDS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def becomes_true(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.5)
    return False


@pytest.fixture
def installation(
    transactional_db: None, services: dict[str, Any], data_folder: str, tmp_path: Path
) -> Iterator[Installation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    installation = Installation(services, data_folder, tmp_path, port)
    yield installation
    installation.stop()


@pytest.mark.services
def test_every_command_runs_as_written_and_its_health_check_passes(
    installation: Installation,
    services: dict[str, Any],
    instructions: list[dict[str, str]],
) -> None:
    assert installation.run("migrate", installation.command("migrate")).returncode == 0
    for name in ("web", "worker", "beat"):
        installation.start(name)
    [check] = values(instructions, "HEALTHCHECK")
    assert installation.becomes_healthy("web", yaml.safe_load(check.partition("CMD ")[2]))
    for name in ("worker", "beat"):
        kind, test = services[name]["healthcheck"]["test"]
        assert kind == "CMD-SHELL"
        written = test.replace("$$", "$").replace("/data", str(installation.data(name)))
        assert installation.becomes_healthy(name, written), name
    assert_an_upload_is_imported(installation)


def assert_an_upload_is_imported(installation: Installation) -> None:
    """The web server takes the file in, and the worker finds and deletes it."""
    _, token = AuthToken.objects.create(UserFactory.create(role=Role.SECURITY))
    web = HTTPConnection("127.0.0.1", installation.port, timeout=START_SECONDS)
    web.request(
        "POST",
        "/api/v1/findings/import",
        json.dumps([result()]),
        {
            "Authorization": f"Bearer {token}",
            "Content-Disposition": 'attachment; filename="scan.json"',
            "Content-Type": "application/octet-stream",
            "Host": "cairn.example",
            "X-Forwarded-Proto": "https",
        },
    )
    assert web.getresponse().status == 202
    web.close()
    assert becomes_true(lambda: not ScanImport.objects.get().is_active)
    done = ScanImport.objects.get()
    assert (done.state, done.message) == (ScanImport.State.DONE, "")
    assert list((installation.data("web") / "uploads").iterdir()) == []
