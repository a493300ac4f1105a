"""Heartbeat files: touched by a process that works, read by its health check."""

import os
import time
from pathlib import Path


def heartbeat_path(role: str) -> Path:
    # As tempfile decides in a container, without what importing it costs a probe.
    folder = os.environ.get("HEARTBEAT_DIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108
    return Path(folder) / f"{role}.heartbeat"


def beat_heart(role: str) -> None:
    heartbeat_path(role).touch()


def stop_heart(role: str) -> None:
    heartbeat_path(role).unlink(missing_ok=True)


def seconds_since_heartbeat(role: str) -> float | None:
    try:
        return max(0.0, time.time() - heartbeat_path(role).stat().st_mtime)
    except FileNotFoundError:
        return None
