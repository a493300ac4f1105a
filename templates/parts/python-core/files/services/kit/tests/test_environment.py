from pathlib import Path

import pytest

from service_kit.environment import (
    ConfigurationError,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_rate,
    env_str,
    read_secret,
    read_secret_values,
    secret_values,
)


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "  ")
    assert env_str("NAME", "default") == "default"
    assert env_int("NAME", 3) == 3
    assert env_bool("NAME", default=True) is True


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("ON", True), ("0", False), ("no", False)]
)
def test_booleans(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("FLAG", text)
    assert env_bool("FLAG", default=not value) is value


def test_lists_and_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIST", "a, b,,c")
    monkeypatch.setenv("RATE", "30/min")
    assert env_list("LIST") == ["a", "b", "c"]
    assert env_rate("RATE", "1/s") == (30, 60)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda: env_bool("X", default=True), "perhaps"),
        (lambda: env_int("X", 1), "-1"),
        (lambda: env_int("X", 1, minimum=5), "4"),
        (lambda: env_choice("X", "a", ("a", "b")), "c"),
        (lambda: env_rate("X", "1/s"), "often"),
        (lambda: env_rate("X", "1/s"), "0/s"),
    ],
)
def test_what_makes_no_sense_ends_the_process_and_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, read: object, text: str
) -> None:
    monkeypatch.setenv("X", text)
    with pytest.raises(ConfigurationError, match=f"X='{text}'"):
        read()  # type: ignore[operator]


class TestSecrets:
    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("THE_FILE", str(tmp_path / "secret"))
        return tmp_path / "secret"

    def test_the_first_line_is_used_and_the_others_are_good(self, file: Path) -> None:
        file.write_text("new\n\n old \n")
        assert read_secret("THE_FILE", "secret") == "new"
        assert read_secret_values("THE_FILE", "secret") == ["new", "old"]

    def test_a_file_that_is_being_written_is_read_whole(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readings = ["ne", "new\nold\n", "new\nold\n"]
        monkeypatch.setattr(Path, "read_text", lambda *_, **__: readings.pop(0))
        assert secret_values(Path("secret")) == ["new", "old"]

    def test_a_missing_one_says_what_to_do(self, file: Path) -> None:
        with pytest.raises(ConfigurationError, match="ops/secrets init"):
            read_secret("THE_FILE", "secret")

    def test_an_empty_one_and_one_that_is_no_text(self, file: Path) -> None:
        file.write_text("\n")
        with pytest.raises(ConfigurationError, match="is empty"):
            read_secret("THE_FILE", "secret")
        file.write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigurationError, match="not text"):
            read_secret("THE_FILE", "secret")

    def test_one_that_is_not_readable_names_the_uid(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("THE_FILE", str(tmp_path))
        with pytest.raises(ConfigurationError, match="cannot be read by uid"):
            read_secret("THE_FILE", "secret")

    def test_without_a_variable_it_is_where_compose_puts_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("THE_FILE", raising=False)
        with pytest.raises(ConfigurationError, match="/run/secrets/no_such_secret"):
            read_secret("THE_FILE", "no_such_secret")
