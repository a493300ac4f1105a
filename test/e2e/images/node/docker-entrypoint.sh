#!/bin/sh
# Options, and words that are no command here, are arguments of node.
set -e
case ${1:-} in
    -*) exec node "$@" ;;
esac
if [ -n "${1:-}" ] && command -v "$1" >/dev/null 2>&1 && { [ ! -f "$1" ] || [ -x "$1" ]; }; then
    exec "$@"
fi
exec node "$@"
