"""What every Python service shares must not bring one framework into the image of another."""

import subprocess
import sys
from pathlib import Path

import pytest

import service_kit

CORE = ("addresses", "environment", "healthcheck", "heartbeat", "json_logs", "request_id")
IMPORT = """
import importlib, sys, types

kit = types.ModuleType("service_kit")
kit.__path__ = [sys.argv[1]]
sys.modules["service_kit"] = kit
importlib.import_module("service_kit." + sys.argv[2])
"""


@pytest.mark.parametrize("module", CORE)
def test_it_needs_python_alone(module: str) -> None:
    folder = Path(service_kit.__file__).parent
    # -I and -S: neither the environment nor site-packages lend anything.
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-S", "-c", IMPORT, str(folder), module],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
