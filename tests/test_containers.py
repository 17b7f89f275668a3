"""The image and the compose file, as far as they can be checked without a container engine.

The file is held against the compose specification's schema, the Dockerfile against the rules a
linter would have, and every command of the services is run as written, on this machine, with
production settings on a real PostgreSQL and Redis.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 60
OURS = ["migrate", "web", "worker", "beat"]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of the compose file, with anchors and merges resolved."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services: dict[str, Any] = document["services"]
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


def values(instructions: list[dict[str, str]], name: str) -> list[str]:
    return [one["value"] for one in instructions if one["instruction"] == name]


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


def test_the_image_runs_as_nobody_in_particular(instructions: list[dict[str, str]]) -> None:
    last = max(i for i, one in enumerate(instructions) if one["instruction"] == "FROM")
    [user] = values(instructions[last:], "USER")
    assert user.isdigit()
    assert int(user) >= 10000


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
    """The services' commands on this machine, each with the environment it has in its container."""

    def __init__(self, services: dict[str, Any], data: Path, port: int) -> None:
        self.services = services
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
            "CAIRN_DATA_DIR": str(data),
            "STATIC_ROOT": str(data / "static"),
            "PORT": str(port),
        }

    def command(self, service: str) -> list[str]:
        written: list[str] = self.services[service]["command"]
        return [part.replace("${WORKER_CONCURRENCY:-4}", "1") for part in written]

    def start(self, service: str) -> None:
        self.started.append(
            subprocess.Popen(
                self.command(service), cwd=ROOT, env=self.environment, start_new_session=True
            )
        )

    def run(self, command: list[str] | str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            shell=isinstance(command, str),
            timeout=START_SECONDS,
            check=False,
        )

    def becomes_healthy(self, check: list[str] | str) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.run(check).returncode == 0:
                return True
            time.sleep(0.5)
        return False

    def stop(self) -> None:
        for process in self.started:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(START_SECONDS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def installation(
    transactional_db: None, services: dict[str, Any], tmp_path: Path
) -> Iterator[Installation]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    installation = Installation(services, tmp_path, port)
    yield installation
    installation.stop()


@pytest.mark.services
def test_every_command_runs_as_written_and_its_health_check_passes(
    installation: Installation,
    services: dict[str, Any],
    instructions: list[dict[str, str]],
    tmp_path: Path,
) -> None:
    assert installation.run(installation.command("migrate")).returncode == 0
    for name in ("web", "worker", "beat"):
        installation.start(name)
    [check] = values(instructions, "HEALTHCHECK")
    assert installation.becomes_healthy(yaml.safe_load(check.partition("CMD ")[2]))
    for name in ("worker", "beat"):
        kind, test = services[name]["healthcheck"]["test"]
        assert kind == "CMD-SHELL"
        written = test.replace("$$", "$").replace("/data", str(tmp_path))
        assert installation.becomes_healthy(written), name
