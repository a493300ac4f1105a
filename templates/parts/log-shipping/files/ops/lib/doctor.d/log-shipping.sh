# shellcheck shell=bash
# Do lines arrive where they are shipped to?
[ -z "$RUNNING" ] || ask_script log-shipping
