"""Where another service is called: of two copies of it during a deploy, the one that is live."""

from pathlib import Path

from service_kit.environment import ConfigurationError, env_int, env_str


def live_host(prefix: str) -> str:
    """Asked anew for each call: a deploy replaces the file (a rename), and tells nobody."""
    if file := env_str(f"{prefix}_HOST_FILE"):
        try:
            named = Path(file).read_text(encoding="utf-8").strip()
        except OSError:
            named = ""  # not deployed yet: the name that does not change
        if named:
            return named
    host = env_str(f"{prefix}_HOST")
    if not host:
        raise ConfigurationError(f"{prefix}_HOST is not set: name the service to call.")
    return host


def live_url(prefix: str, port: int) -> str:
    scheme = "https" if env_str(f"{prefix}_CA_FILE") else "http"
    return f"{scheme}://{live_host(prefix)}:{env_int(f'{prefix}_PORT', port, minimum=1)}"
