"""Reads configuration from environment variables and secret files."""

import os
import re
from pathlib import Path

SECRETS_DIRECTORY = "/run/secrets"

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_RATE = re.compile(r"(\d+)/(s|sec|second|m|min|minute|h|hour)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class ConfigurationError(SystemExit):
    """Ends any entry point with one line instead of a traceback."""


def env_str(name: str, default: str = "") -> str:
    # Compose passes an unset variable as an empty one, so both mean "use the default".
    return os.environ.get(name, "").strip() or default


def env_int(name: str, default: int, minimum: int = 0) -> int:
    text = env_str(name, str(default))
    if not text.isdecimal() or int(text) < minimum:
        raise ConfigurationError(f"{name}={text!r} must be a whole number of at least {minimum}.")
    return int(text)


def env_bool(name: str, default: bool) -> bool:
    text = env_str(name, str(default)).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ConfigurationError(f"{name}={text!r} must be true or false.")


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in env_str(name, default).split(",") if part.strip()]


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    text = env_str(name, default)
    if text not in choices:
        raise ConfigurationError(f"{name}={text!r} must be one of: {', '.join(choices)}.")
    return text


def env_rate(name: str, default: str) -> tuple[int, int]:
    """Reads "100/min" as (requests, seconds)."""
    text = env_str(name, default)
    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) < 1:
        raise ConfigurationError(f'{name}={text!r} must look like "100/min" (s, min or hour).')
    return int(match[1]), _SECONDS[match[2][0]]


def secret_path(variable: str, name: str) -> Path:
    """The secret file that `variable` points at, by default /run/secrets/<name>."""
    return Path(env_str(variable, f"{SECRETS_DIRECTORY}/{name}"))


def secret_values(path: Path) -> list[str]:
    """The lines of a secret file: the value to use, then others that are good as well.

    `ops/secrets rotate` rewrites the file in place, because a container keeps the file it was
    started with. So it may be read while it is written: what two readings agree on is whole.
    """
    text = path.read_text(encoding="utf-8")
    while text != (again := path.read_text(encoding="utf-8")):
        text = again
    return [line.strip() for line in text.splitlines() if line.strip()]


def read_secret(variable: str, name: str) -> str:
    """The value of a secret, or the end of this process with one line that says why."""
    return read_secret_values(variable, name)[0]


def read_secret_values(variable: str, name: str) -> list[str]:
    path = secret_path(variable, name)
    hint = "Run `ops/secrets init` in the project directory, then start the service again."
    try:
        values = secret_values(path)
    except FileNotFoundError:
        raise ConfigurationError(
            f"Secret file {path} ({variable}) does not exist. {hint}"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"Secret file {path} ({variable}) cannot be read by uid {os.getuid()}: "
            f"{error.strerror}. {hint}"
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"Secret file {path} ({variable}) is not text. {hint}") from None
    if not values:
        raise ConfigurationError(f"Secret file {path} ({variable}) is empty. {hint}")
    return values
