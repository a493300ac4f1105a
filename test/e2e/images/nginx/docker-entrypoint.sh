#!/bin/sh
# Start-up of the nginx stand-in: run what lies in /docker-entrypoint.d, then become the command.
set -e

say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"; }

# The loop is the right-hand side of a pipe, as in the official image: what an .envsh exports reaches the
# steps after it, and not nginx.
run_steps() {
    find /docker-entrypoint.d/ -follow -type f | sort -V | while IFS= read -r step; do
        case $step in
            *.sh | *.envsh) ;;
            *) say "Ignoring $step"; continue ;;
        esac
        if [ ! -x "$step" ]; then
            say "Ignoring $step, not executable"
            continue
        fi
        case $step in
            *.envsh)
                say "Sourcing $step"
                # shellcheck source=/dev/null
                . "$step"
                ;;
            *) say "Launching $step"; "$step" ;;
        esac
    done
}

case ${1:-} in
    nginx | nginx-debug)
        if [ -n "$(find /docker-entrypoint.d/ -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null)" ]; then
            say "/docker-entrypoint.d/ is not empty, will attempt to perform configuration"
            run_steps
            say "Configuration complete; ready for start up"
        else
            say "No files found in /docker-entrypoint.d/, skipping configuration"
        fi
        ;;
esac
exec "$@"
