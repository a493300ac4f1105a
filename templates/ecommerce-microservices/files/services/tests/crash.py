"""2,000 checkouts at once for a stock of 500; all are killed in turn: `python -m tests.crash`.

Exit code 0: stock was never below zero, 500 were sold, and `reconcile` finds nothing.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import asyncpg
from tests.checkouts import Outcome, check_out_many, sign_in
from tests.databases import environment
from tests.processes import DATABASES, PORTS, ROOT, Processes

EDGE = f"http://127.0.0.1:{PORTS['api-gateway']}"
PASSWORD = "correct-horse-battery-9"


async def ask(service: str, statement: str) -> int:
    name, port = DATABASES[service]
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", database=name, timeout=5
    )
    try:
        return int(await connection.fetchval(statement) or 0)
    finally:
        await connection.close()


async def kill_in_turn(shop: Processes, first: int, step: int) -> list[str]:
    """Each of them in the middle, when so many orders were placed."""
    said, wanted = [], first
    for name in ("product-api", "payment-api", "order-api", "products", "orders", "api-gateway"):
        placed = 0
        while placed < wanted:
            with suppress(Exception):
                placed = await ask("order-api", "SELECT count(*) FROM orders WHERE step = 'done'")
            await asyncio.sleep(0.2)
        flight = await ask("order-api", "SELECT count(*) FROM orders WHERE step <> 'done'")
        shop.kill(name)
        await asyncio.sleep(1.0)
        service = next((service for service, (db, _) in DATABASES.items() if db == name), None)
        if service is None:
            shop.start(name)
        else:
            await shop.start_database_again(service)
        said.append(f"{name} killed with {placed} orders done, {flight} in flight")
        print(said[-1], flush=True)
        wanted = placed + step
    return said


async def watch_stock(lowest: list[int], stop: asyncio.Event) -> None:
    while not stop.is_set():
        with suppress(Exception):  # it is killed in the meantime, in whatever it is doing
            lowest.append(await ask("product-api", "SELECT min(available) FROM products"))
        await asyncio.sleep(0.2)


async def run(shop: Processes, checkouts: int, stock: int) -> tuple[Outcome, list[int], float]:
    await shop.start_all()
    await make_product(shop, stock)
    headers = await sign_in(EDGE, "ada@example.com", PASSWORD)
    # Some pay with cards that are trouble: those orders are charged once as well.
    order = {"items": [{"product_id": 1, "quantity": 1}], "payment_token": "tok_ok"}
    lowest, stop = [stock], asyncio.Event()
    watching = asyncio.create_task(watch_stock(lowest, stop))
    killing = asyncio.create_task(kill_in_turn(shop, checkouts // 20, checkouts // 12))
    started = time.monotonic()
    outcome = await check_out_many(EDGE, headers, order, checkouts)
    seconds = time.monotonic() - started
    await asyncio.wait_for(killing, 60)
    stop.set()
    await watching
    return outcome, lowest, seconds


async def make_product(shop: Processes, stock: int) -> None:
    connection = await asyncpg.connect(
        host="127.0.0.1", port=DATABASES["product-api"][1], user="postgres", database="products"
    )
    await connection.execute(
        "INSERT INTO products (name, description, price_cents, currency, stock, available,"
        " reserved, sold, active, version, created_at, updated_at)"
        " VALUES ('Ticket', '', 1999, 'EUR', $1, $1, 0, 0, true, 1, now(), now())",
        stock,
    )
    await connection.close()


def reconcile(shop: Processes) -> tuple[int, dict[str, int]]:
    ran = subprocess.run(
        [sys.executable, "-m", "order_api.manage", "reconcile", "--wait", "120", "--json"],
        cwd=ROOT / "order-api",
        env=shop.environment("order-api"),
        check=False,
        capture_output=True,
        text=True,
    )
    print(ran.stderr, end="")
    return ran.returncode, json.loads(ran.stdout or "{}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--checkouts", type=int, default=2000)
    parser.add_argument("--stock", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="leave the folder with the logs")
    chosen = parser.parse_args()
    with suppress(OSError):
        os.nice(15)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the processes end with it
    folder = Path(tempfile.mkdtemp(prefix="shop-crash-"))
    shop = Processes(folder)
    try:
        with environment({"PYTHONDONTWRITEBYTECODE": "1"}):
            outcome, lowest, seconds = asyncio.run(run(shop, chosen.checkouts, chosen.stock))
        code, counted = reconcile(shop)
    finally:
        shop.stop_all()
    print(
        f"{chosen.checkouts} checkouts, {outcome.tries} requests, {seconds:.0f} s: "
        f"{dict(outcome.answers)}; {len(outcome.orders)} orders; "
        f"lowest stock {min(lowest)}; {counted}"
    )
    good = (
        code == 0
        and min(lowest) >= 0
        and counted.get("sold") == min(chosen.stock, chosen.checkouts)
        and counted.get("charges") == counted.get("confirmed") == counted.get("sold")
        and outcome.answers["gave up"] == 0
    )
    if good and not chosen.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"logs: {folder}")
    print("clean" if good else "NOT clean")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
