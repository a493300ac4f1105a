"""Container health check: `python -m service_kit.healthcheck http|worker|beat`.

Runs every few seconds beside each service, and what it imports is most of what it costs:
with http.client, which reads mail headers, a probe takes several times
as much processor time, which a host with twelve services feels.
"""

import os
import socket
import sys

# Worker and scheduler touch their file every 5 s: three missed beats are a failure.
MAX_AGE_SECONDS = 15.0
HTTP_TIMEOUT_SECONDS = 6.0
MAX_ANSWER_BYTES = 16_384


def check_http() -> tuple[bool, str]:
    port = int(os.environ.get("PORT") or 8000)
    asked = f"GET /api/v1/health/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), HTTP_TIMEOUT_SECONDS) as connection:
            connection.sendall(asked.encode())
            while len(answer) < MAX_ANSWER_BYTES and (chunk := connection.recv(4096)):
                answer += chunk
    except OSError as error:
        return False, f"no answer from 127.0.0.1:{port}: {error}"
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head[len("HTTP/1.1 ") :][:3].decode("ascii", "replace")
    return status == "200", f"{status} {body[:2048].decode('utf-8', 'replace')}"


def check_heartbeat(role: str) -> tuple[bool, str]:
    from service_kit.heartbeat import seconds_since_heartbeat  # noqa: PLC0415 - the other probes do without

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
