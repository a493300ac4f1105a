"""The shop as processes on loopback, which can be killed: uvicorn, and a PostgreSQL of their own.

`python -m tests.crash` from the folder of the services; needs initdb and postgres (PG_BIN).
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from tests.databases import environment, make_database

PORTS = {"api-gateway": 18080, "product-api": 18001, "order-api": 18002, "payment-api": 18003}
DATABASES = {"product-api": ("products", 55433), "order-api": ("orders", 55434)}
PAIRS = (
    "api_gateway_product_api",
    "api_gateway_order_api",
    "order_api_product_api",
    "order_api_payment_api",
    "payment_api_order_api",
)
HOSTS = {
    "api-gateway": {"PRODUCT": "product-api", "ORDER": "order-api"},
    "order-api": {"PRODUCT": "api-gateway", "PAYMENT": "payment-api"},
    "payment-api": {"ORDER": "order-api"},
    "product-api": {},
}
ROOT = Path(__file__).parent.parent


@dataclass(slots=True)
class Processes:
    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    async def start_all(self) -> None:
        for name in PAIRS:
            (self.folder / f"pair_{name}").write_text(f"{os.urandom(24).hex()}\n")
        (self.folder / "db_password").write_text("for-tests-only\n")
        for service, (name, port) in DATABASES.items():
            self._make_server(name)
            self.start_database(service)
            with environment({"TEST_POSTGRES": f"127.0.0.1:{port}"}):
                await _patiently(lambda name=name: make_database(name))
            migrated = subprocess.run(
                [sys.executable, "-m", f"{service.replace('-', '_')}.manage", "migrate"],
                cwd=ROOT / service,
                env=self.environment(service) | {"DB_USER": "app_owner"},
                check=False,
            )
            assert migrated.returncode == 0
        for service in PORTS:
            self.start(service)
        for service in PORTS:
            await self.healthy(service)

    def environment(self, service: str) -> dict[str, str]:
        values = {
            "PATH": os.environ["PATH"],
            "SERVICE_NAME": service,
            "PORT": str(PORTS[service]),
            "LOG_LEVEL": "WARNING",
            "PAIR_KEYS_DIRECTORY": str(self.folder),
            "WEB_CONCURRENCY": "1" if service == "api-gateway" else "2",
            "HTTPS": "false",
            "REDIS_HOST": "none",
            "RATE_LIMIT_API": "1000000/min",
            "RATE_LIMIT_AUTH": "1000000/min",
            "ORDER_WAIT_SECONDS": "10",
            "ORDER_GIVE_UP_SECONDS": "600",
            "SAGA_LEASE_SECONDS": "30",
            # The machine of a test may be busy with others.
            "CALL_SECONDS": os.environ.get("CALL_SECONDS", "20"),
            "HEARTBEAT_DIR": str(self.folder),
            "TMPDIR": str(self.folder),
        }
        for prefix, callee in HOSTS[service].items():
            values |= {f"{prefix}_HOST": "127.0.0.1", f"{prefix}_PORT": str(PORTS[callee])}
        if service in DATABASES:
            name, port = DATABASES[service]
            values |= {
                "DB_HOST": "127.0.0.1",
                "DB_PORT": str(port),
                "DB_NAME": name,
                "DB_USER": "app",
                "DB_PASSWORD_FILE": str(self.folder / "db_password"),
                "DB_SSLMODE": "disable",
                "DB_POOL_MAX": "12",
            }
        return values

    def start(self, service: str) -> None:
        with (self.folder / f"{service}.log").open("ab") as log:
            self.running[service] = subprocess.Popen(
                [sys.executable, "-m", f"{service.replace('-', '_')}.serve"],
                cwd=ROOT / service,
                env=self.environment(service),
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that its workers die with it
            )

    def start_database(self, service: str) -> None:
        name, port = DATABASES[service]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [
                    *_as_postgres(), str(_tool("postgres")),
                    "-D", str(self.folder / name), "-p", str(port),
                    "-c", "listen_addresses=127.0.0.1",
                    "-c", f"unix_socket_directories={self.folder}",
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )  # fmt: skip

    async def start_database_again(self, service: str) -> None:
        """What is left of the one that was killed goes within moments; until then it refuses."""
        name, _ = DATABASES[service]
        for _ in range(60):
            self.start_database(service)
            await asyncio.sleep(2.0)
            if self.running[name].poll() is None:
                return
        raise AssertionError(f"{name} does not start: see {self.folder / name}.log")

    def kill(self, name: str) -> None:
        """As the kernel does it when there is no memory left: at once, without a word."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def stop_all(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    async def healthy(self, service: str, seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        async with httpx.AsyncClient() as client:
            while time.monotonic() < deadline:
                try:
                    url = f"http://127.0.0.1:{PORTS[service]}/health"
                    if (await client.get(url, timeout=3)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.3)
        raise AssertionError(f"{service} is not healthy: see {self.folder / service}.log")

    def _make_server(self, name: str) -> None:
        data = self.folder / name
        data.mkdir()
        if os.getuid() == 0:
            # PostgreSQL does not run as root.
            shutil.chown(data, "postgres")
            self.folder.chmod(0o777)
        subprocess.run(
            [
                *_as_postgres(),
                str(_tool("initdb")),
                "-D",
                str(data),
                "-A",
                "trust",
                "-U",
                "postgres",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _as_postgres() -> list[str]:
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.getuid() == 0
        else []
    )


def _tool(name: str) -> Path:
    found = os.environ.get("PG_BIN")
    if found:
        return Path(found) / name
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        raise SystemExit("PostgreSQL is not installed here. Name its programs: PG_BIN=/…/bin")
    return installed[-1] / name


async def _patiently(work) -> None:  # type: ignore[no-untyped-def]
    for attempt in range(100):
        try:
            await work()
        except (OSError, asyncpg.PostgresError):
            if attempt == 99:
                raise
            await asyncio.sleep(0.2)
        else:
            return
