#!/bin/sh
# Renders /etc/nginx/templates/*.template with the environment. Like the official step it only complains, and
# ends with success, when the output directory cannot be written: nginx then starts without those files.
set -e
me=$(basename "$0")
say() { [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$me: $*"; }

templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
[ -d "$templates" ] || exit 0
variables=$(env -0 | tr '\0\n' '\n ' | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p' |
    grep -E -e "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/' | tr '\n' ' ')

# render SUFFIX OUTPUT_DIR
render() {
    if [ ! -w "$2" ]; then
        say "ERROR: $templates exists, but $2 is not writable"
        return 1
    fi
    find "$templates" -follow -type f -name "*$1" | while IFS= read -r template; do
        target=$2/${template#"$templates"/}
        target=${target%"$1"}
        mkdir -p "$(dirname "$target")"
        say "Running envsubst on $template to $target"
        envsubst "$variables" <"$template" >"$target"
    done
}

render "${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}" "${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}" || exit 0

suffix=${NGINX_ENVSUBST_STREAM_TEMPLATE_SUFFIX:-.stream-template}
output=${NGINX_ENVSUBST_STREAM_OUTPUT_DIR:-/etc/nginx/stream-conf.d}
if [ -n "$(find "$templates" -name "*$suffix" -print -quit)" ]; then
    mkdir -p "$output"
    render "$suffix" "$output" || exit 0
    if grep -qE '^[[:space:]]*stream[[:space:]]*\{' /etc/nginx/nginx.conf; then
        say "/etc/nginx/nginx.conf contains a stream block; include $output/*.conf to enable stream templates"
    elif touch /etc/nginx/nginx.conf 2>/dev/null; then
        printf 'stream {\n  include %s/*.conf;\n}\n' "$output" >>/etc/nginx/nginx.conf
    else
        say "info: can not modify /etc/nginx/nginx.conf (read-only file system?)"
    fi
fi
