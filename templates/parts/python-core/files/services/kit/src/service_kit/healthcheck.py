"""Container health check: `python -m service_kit.healthcheck http|worker|beat`.

Runs every few seconds beside the service, so it imports nothing heavy.
"""

import http.client
import os
import sys

from service_kit.heartbeat import seconds_since_heartbeat

# Worker and scheduler touch their file every 5 s: three missed beats are a failure.
MAX_AGE_SECONDS = 15.0
HTTP_TIMEOUT_SECONDS = 6.0


def check_http() -> tuple[bool, str]:
    port = int(os.environ.get("PORT") or 8000)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/api/v1/health/")
        response = connection.getresponse()
        body = response.read(2048).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return False, f"no answer from 127.0.0.1:{port}: {error}"
    finally:
        connection.close()
    return response.status == 200, f"{response.status} {body}"


def check_heartbeat(role: str) -> tuple[bool, str]:
    age = seconds_since_heartbeat(role)
    if age is None:
        return False, f"{role}: no heartbeat, not connected or not running yet"
    if age > MAX_AGE_SECONDS:
        return False, f"{role}: last heartbeat {age:.0f} s ago"
    return True, f"{role}: heartbeat {age:.0f} s ago"


def main(arguments: list[str]) -> int:
    match arguments:
        case ["http"]:
            healthy, message = check_http()
        case ["worker" | "beat" as role]:
            healthy, message = check_heartbeat(role)
        case _:
            print("usage: python -m service_kit.healthcheck http|worker|beat", file=sys.stderr)
            return 2
    print(message)
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
