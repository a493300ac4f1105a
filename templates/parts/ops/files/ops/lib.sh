# shellcheck shell=bash
# Sourced by every script here: paths, messages, settings, files, Compose.
# Written for bash 3.2 and later (macOS): no associative arrays, no mapfile.

OPS=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
ROOT=$(dirname -- "$OPS")
DATA=$OPS/data
ME=ops/$(basename -- "$0")

# shellcheck source=lib/say.sh
. "$OPS/lib/say.sh"
# shellcheck source=lib/files.sh
. "$OPS/lib/files.sh"
# shellcheck source=lib/settings.sh
. "$OPS/lib/settings.sh"
# shellcheck source=lib/compose.sh
. "$OPS/lib/compose.sh"
