#!/bin/sh
# Adds the IPv6 listener to an untouched default.conf.
set -e
me=$(basename "$0")
conf=/etc/nginx/conf.d/default.conf
info() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$me: info: $*"; }

if [ ! -f /proc/net/if_inet6 ]; then
    info "ipv6 not available"
elif [ ! -f "$conf" ]; then
    info "$conf is not a file or does not exist"
elif ! touch "$conf" 2>/dev/null; then
    info "can not modify $conf (read-only file system?)"
elif grep -q 'listen  \[::\]:80;' "$conf"; then
    info "IPv6 listen already enabled"
elif ! md5sum --status -c /usr/share/nginx/default.conf.md5; then
    info "$conf differs from the packaged version"
else
    sed -i 's/^ *listen  *80;$/&\n    listen  [::]:80;/' "$conf"
    info "Enabled listen on IPv6 in $conf"
fi
