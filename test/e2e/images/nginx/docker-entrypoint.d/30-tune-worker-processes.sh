#!/bin/sh
# The official step derives worker_processes from the CPU quota when this variable is set. The stand-in refuses,
# so that nobody believes it was tried.
if [ -n "${NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE:-}" ]; then
    echo "$(basename "$0"): NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE is not part of the stand-in image" >&2
    exit 1
fi
