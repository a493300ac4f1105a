"""Passwords that change, and certificates that are looked at."""

import ssl
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from service_kit import database
from service_kit.database import (
    DatabaseUnavailable,
    connect_with_file,
    database_engine,
    database_outages,
    is_outage,
)
from service_kit.environment import ConfigurationError
from service_kit.redis_client import FileCredentials, redis_configured, redis_pool

# A certificate that signs nothing: its key was thrown away.
AUTHORITY = """\
-----BEGIN CERTIFICATE-----
MIIBjjCCATWgAwIBAgIUc/Wb2WAri1L9ukMUneMTaZruXkMwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRYSBDQSBvZiB0aGlzIHRlc3QwIBcNMjYxMTIyMDE1NzIzWhgP
MjEyNjEwMjkwMTU3MjNaMBwxGjAYBgNVBAMMEWEgQ0Egb2YgdGhpcyB0ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+dHo+gsSGkqVc8LRvjMbxNJI1qi54Ul7
qOIxy/yFPv/mWRc9Unzx3sIyg2SBB7J9acCA6TAED5mFNWoy8tducKNTMFEwHQYD
VR0OBBYEFB9HnSRACbsINkUftoFbKKYZo8zxMB8GA1UdIwQYMBaAFB9HnSRACbsI
NkUftoFbKKYZo8zxMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIg
N72uPmFWTTE8hGGhFgmSCWeXMjQjIR5xMKmIIih20loCIF5LiQ5A02kVjJ1E9HRu
jo3ONNITqyWIKheEmcsPNJlH
-----END CERTIFICATE-----
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "password"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Takes one password, and remembers what was tried."""
    state: dict[str, Any] = {"good": "old", "tried": []}

    async def connect(*, password: str, **arguments: Any) -> str:
        state["tried"].append(password)
        if change := state.pop("then", None):
            change()
        if password != state["good"]:
            raise asyncpg.InvalidPasswordError("password authentication failed")
        return "connected"

    monkeypatch.setattr(asyncpg, "connect", connect)
    return state


class TestPasswordFile:
    async def test_the_second_line_is_tried_when_the_first_is_refused(
        self, file: Path, server: dict[str, Any]
    ) -> None:
        file.write_text("new\nold\n")
        assert str(await connect_with_file(file, {})) == "connected"
        assert server["tried"] == ["new", "old"]

    async def test_a_file_that_changed_meanwhile_is_read_again(
        self, file: Path, server: dict[str, Any]
    ) -> None:
        file.write_text("older\n")
        server["then"] = lambda: file.write_text("old\n")
        assert str(await connect_with_file(file, {})) == "connected"

    async def test_when_all_are_refused_it_ends(self, file: Path, server: dict[str, Any]) -> None:
        file.write_text("one\ntwo\n")
        with pytest.raises(asyncpg.InvalidPasswordError):
            await connect_with_file(file, {})
        assert server["tried"] == ["one", "two"]

    def test_redis_reads_it_at_each_connection(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REDIS_PASSWORD_FILE", str(file))
        monkeypatch.setenv("REDIS_USER", "worker")
        file.write_text("old\n")
        credentials = FileCredentials()
        assert credentials.get_credentials() == ("worker", "old")
        file.write_text("new\nold\n")
        assert credentials.get_credentials() == ("worker", "new")


class TestTls:
    @pytest.fixture(autouse=True)
    def hosts(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file.write_text("a-password")
        for name, value in {
            "DB_HOST": "db",
            "DB_PASSWORD_FILE": str(file),
            "REDIS_HOST": "redis",
            "REDIS_PASSWORD_FILE": str(file),
        }.items():
            monkeypatch.setenv(name, value)

    def test_without_its_ca_nothing_starts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DB_SSLMODE", "verify-full")
        with pytest.raises(ConfigurationError, match="needs the CA"):
            database_engine(production=True)
        monkeypatch.setenv("REDIS_TLS", "true")
        with pytest.raises(ConfigurationError, match="needs the CA"):
            redis_pool(0, timeout=1)

    def test_verify_full_looks_at_chain_and_name(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        authority = str(tmp_path / "ca.crt")
        Path(authority).write_text(AUTHORITY)
        monkeypatch.setenv("DB_SSLMODE", "verify-full")
        monkeypatch.setenv("DB_SSLROOTCERT", authority)
        context = database._tls()
        assert isinstance(context, ssl.SSLContext)
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert len(context.get_ca_certs()) == 1, "the project's CA and no other"
        monkeypatch.setenv("REDIS_TLS", "true")
        monkeypatch.setenv("REDIS_CA_FILE", authority)
        options = redis_pool(0, timeout=1).connection_kwargs
        assert (options["ssl_check_hostname"], options["ssl_cert_reqs"]) == (True, "required")

    def test_pools_have_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DB_POOL_MAX", "3")
        monkeypatch.setenv("REDIS_POOL_MAX", "4")
        engine = database_engine(production=True)
        assert engine is not None
        assert (engine.pool.size(), engine.pool._max_overflow) == (3, 0)  # type: ignore[attr-defined]
        assert redis_pool(0, timeout=1).max_connections == 4

    def test_values_of_rows_stay_out_of_errors(self) -> None:
        engine = database_engine(production=True)
        assert engine is not None
        assert engine.sync_engine.hide_parameters

    def test_behind_a_pooler_no_name_is_used_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        arguments = database._connection_arguments("db", behind_pooler=True)
        assert arguments["statement_cache_size"] == 0
        assert set(arguments["server_settings"]) == {"application_name"}
        direct = database._connection_arguments("db", behind_pooler=False)["server_settings"]
        assert direct["statement_timeout"] == "15000"


def test_production_names_its_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="DB_HOST"):
        database_engine(production=True)
    with pytest.raises(ConfigurationError, match="REDIS_HOST"):
        redis_configured(production=True)
    monkeypatch.setenv("REDIS_HOST", "none")
    assert not redis_configured(production=True)
    assert database_engine(production=False) is None


class TestOutages:
    @pytest.mark.parametrize(
        "error",
        [
            ConnectionRefusedError("refused"),
            TimeoutError(),
            asyncpg.CannotConnectNowError("starting"),
            asyncpg.TooManyConnectionsError("too many"),
            DBAPIError("SELECT 1", {}, asyncpg.AdminShutdownError("stopping")),
            DBAPIError("SELECT 1", {}, asyncpg.LockNotAvailableError("lock_timeout")),
            DBAPIError("SELECT 1", {}, asyncpg.QueryCanceledError("statement_timeout")),
            DBAPIError("SELECT 1", {}, asyncpg.DeadlockDetectedError("deadlock")),
            DBAPIError("SELECT 1", {}, asyncpg.SerializationError("serialization")),
        ],
    )
    async def test_away_is_one_exception(self, error: Exception) -> None:
        assert is_outage(error)
        with pytest.raises(DatabaseUnavailable):
            async with database_outages():
                raise error

    async def test_a_defect_stays_one(self) -> None:
        for error in (
            IntegrityError("INSERT", {}, asyncpg.UniqueViolationError("twice")),
            asyncpg.InvalidPasswordError("refused"),
        ):
            with pytest.raises(type(error)):
                async with database_outages():
                    raise error
