import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from cairn import env


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a variable that is not set."""
    monkeypatch.delenv("CAIRN_SOMETHING", raising=False)
    return "CAIRN_SOMETHING"


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(setting, "  ")
    assert env.text(setting, "default") == "default"
    assert env.integer(setting, 7) == 7
    assert env.boolean(setting, True) is True
    assert env.items(setting) == []


def test_a_required_variable_is_named_with_its_reason(setting: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Set CAIRN_SOMETHING .*: it signs sessions"):
        env.required(setting, "it signs sessions")


@pytest.mark.parametrize(
    ("written", "read"),
    [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("No", False)],
)
def test_booleans_are_read(
    monkeypatch: pytest.MonkeyPatch, setting: str, written: str, read: bool
) -> None:
    monkeypatch.setenv(setting, written)
    assert env.boolean(setting, not read) is read


@pytest.mark.parametrize("nonsense", ["ture", "2", "enabled", "-"])
def test_a_boolean_that_is_neither_is_refused(
    monkeypatch: pytest.MonkeyPatch, setting: str, nonsense: str
) -> None:
    monkeypatch.setenv(setting, nonsense)
    with pytest.raises(ImproperlyConfigured, match=setting):
        env.boolean(setting, False)


@pytest.mark.parametrize("nonsense", ["ten", "1.5", "0x10", "-1", "11"])
def test_a_number_that_is_none_or_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, setting: str, nonsense: str
) -> None:
    monkeypatch.setenv(setting, nonsense)
    with pytest.raises(ImproperlyConfigured, match=setting):
        env.integer(setting, 1, least=0, most=10)


def test_items_are_split_at_commas_without_blanks(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, " a.example, ,b.example ,")
    assert env.items(setting) == ["a.example", "b.example"]


def test_a_choice_outside_the_list_is_refused_with_the_list(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, "LOUD")
    with pytest.raises(ImproperlyConfigured, match="CAIRN_SOMETHING must be one of DEBUG, INFO"):
        env.choice(setting, "INFO", frozenset({"INFO", "DEBUG"}))


def test_a_relative_path_starts_where_the_process_did(
    monkeypatch: pytest.MonkeyPatch, setting: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(setting, "data")
    assert env.path(setting, Path("/elsewhere")) == tmp_path / "data"


def test_a_url_of_another_scheme_is_refused_without_repeating_its_password(
    monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, "mysql://cairn:hunter2@db/cairn")
    with pytest.raises(ImproperlyConfigured, match=setting) as refusal:
        env.url(setting, frozenset({"postgresql"}))
    assert "hunter2" not in str(refusal.value)


def test_a_generated_key_is_kept_and_only_its_owner_can_read_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    file = tmp_path / "secret-key"
    key = env.secret_key(file)
    assert len(key) >= 50
    assert env.secret_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret-key"]  # noqa: PTH208  (a list reads better here)


def test_processes_that_start_together_agree_on_the_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: env.secret_key(tmp_path / "secret-key"), range(8)))
    assert len(keys) == 1


def test_a_key_in_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "from-the-environment")
    assert env.secret_key(tmp_path / "secret-key") == "from-the-environment"
    assert not list(tmp_path.iterdir())
