# shellcheck shell=bash disable=SC2016
# shellcheck disable=SC2154 # the helpers and variables come from ../test
missing nginx wget ping gcc git python3 sudo gosu
present nginx nginx curl envsubst openssl
is 'nginx: user and group 101, no home, no shell' '101 101 /nonexistent /bin/false' \
    "$(inside nginx 'echo $(id -u nginx) $(id -g nginx) $(getent passwd nginx | cut -d: -f6) $(getent passwd nginx | cut -d: -f7)')"
is 'nginx: files where the official image has them' '' \
    "$(inside nginx 'for f in /etc/nginx/nginx.conf /etc/nginx/mime.types /etc/nginx/conf.d/default.conf /etc/nginx/modules /usr/share/nginx/html/index.html /usr/share/nginx/html/50x.html /docker-entrypoint.d /var/cache/nginx /etc/nginx/fastcgi_params /etc/nginx/uwsgi_params; do test -e $f || echo lacks $f; done')"
is "nginx: none of the distribution's own layout" '' "$(inside nginx 'ls -d /etc/nginx/sites-enabled /etc/nginx/sites-available /etc/nginx/snippets 2>/dev/null' || true)"
is 'nginx: logs go to the container' '/dev/stdout /dev/stderr' "$(inside nginx 'echo $(readlink /var/log/nginx/access.log) $(readlink /var/log/nginx/error.log)')"
is 'nginx: starts as root, entrypoint, command, stop signal' '|[/docker-entrypoint.sh]|[nginx -g daemon off;]|SIGQUIT' \
    "$(config nginx '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Config.Cmd}}|{{.Config.StopSignal}}')"
is 'NGINX_VERSION is what runs' "$(inside nginx 'nginx -v' | sed 's,.*/,,')" "$(inside nginx 'echo $NGINX_VERSION')"
has 'nginx: at least 1.27.4 (keepalive_min_timeout), of the 1.30 line' '^1\.30\.' "$(inside nginx 'echo $NGINX_VERSION')"
has 'nginx: HTTP/2, HTTP/3, real IP, auth request, gzip_static, status' yes \
    "$(inside nginx 'v=$(nginx -V 2>&1); for m in http_v2 http_v3 http_realip http_auth_request http_gzip_static http_stub_status; do case $v in *with-${m}_module*) ;; *) exit ;; esac; done; echo yes')"

answers() { printf 'sh\n-c\ncurl -fsS -o /dev/null http://127.0.0.1:%s/\n' "$1"; }
mapfile -t on_80 < <(answers 80)
mapfile -t on_8080 < <(answers 8080)
tmp_paths='client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;'
conf() { # conf FILE PORT [USER LINE]
    printf '%s\npid /tmp/nginx.pid;\nevents {}\nhttp { access_log /dev/stdout; %s\nserver { listen %s; location / { return 200 "ok"; } } }\n' "${3:-}" "$tmp_paths" "$2" >"$work/$1"
    chmod 0644 "$work/$1"
}
chmod 0755 "$work"
conf high.conf 8080
conf low.conf 80
conf master.conf 80 'user nginx;'
tmp=(--tmpfs '/tmp:size=16m,mode=1777')
with() { printf -- '-v\n%s/%s:/etc/nginx/nginx.conf:ro\n' "$work" "$1"; }
mapfile -t high < <(with high.conf)
mapfile -t low < <(with low.conf)
mapfile -t master < <(with master.conf)

start ng nginx
is 'nginx: default start' up "$(until_up ng "${on_80[@]}")"
has 'nginx: entrypoint says that it configured' 'Configuration complete; ready for start up' "$(logs ng)"
is 'nginx: stops on SIGQUIT with 0' 0 "$(stop_code ng)"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}" "${high[@]}"
is 'nginx: 101:101 on 8080, no capability, read-only, one tmpfs' up "$(until_up ng "${on_8080[@]}")"
is 'nginx: no capability at all' 0000000000000000 "$(status_of ng '^CapEff:')"
is 'nginx -t as 101 through exec' 0 "$(docker exec "$run-ng" nginx -t -q >/dev/null 2>&1; echo $?)"
is 'nginx -s reload as 101 through exec' 0 "$(docker exec "$run-ng" nginx -s reload >/dev/null 2>&1; echo $?)"
is 'nginx: answers after the reload' up "$(until_up ng "${on_8080[@]}")"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}" "${low[@]}"
is 'nginx: 101:101 on 80 (the engine opens low ports)' up "$(until_up ng "${on_80[@]}")"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}" --sysctl net.ipv4.ip_unprivileged_port_start=1024 --cap-add NET_BIND_SERVICE "${low[@]}"
is 'nginx: NET_BIND_SERVICE gives a user who is not root nothing' 'exit 1' "$(until_up ng "${on_80[@]}")"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}"
is 'nginx: packaged configuration fails on a read-only root' 'exit 1' "$(until_up ng "${on_80[@]}")"
has 'nginx: for its temporary files' '/var/(cache|lib)/nginx/.* failed' "$(logs ng)"
start ng nginx "${hardened[@]}" "${tmp[@]}" --cap-add CHOWN --cap-add SETGID --cap-add SETUID "${master[@]}"
is 'nginx: root master with CHOWN SETGID SETUID' up "$(until_up ng "${on_80[@]}")"
is 'nginx: its workers are 101' 101 "$(docker exec "$run-ng" sh -c 'for s in /proc/[0-9]*/status; do grep -q "^PPid:.1$" $s && grep -q "^Name:.nginx" $s && awk "/^Uid:/ {print \$2}" $s; done' | sort -u)"
start ng nginx "${hardened[@]}" "${tmp[@]}" --cap-add SETGID --cap-add SETUID --cap-add NET_BIND_SERVICE "${master[@]}"
is 'nginx: root master without CHOWN' 'exit 1' "$(until_up ng "${on_80[@]}")"
has 'nginx: for chown' 'chown\(' "$(logs ng)"

# TLS: a key that 101 may read, and one that it may not.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -keyout "$work/key" -out "$work/crt" 2>/dev/null
printf 'pid /tmp/nginx.pid;\nevents {}\nhttp { %s\nserver { listen 8443 ssl; ssl_certificate /tls/crt; ssl_certificate_key /tls/key; ssl_protocols TLSv1.3; return 200 ok; } }\n' "$tmp_paths" >"$work/tls.conf"
chmod 0644 "$work/tls.conf" "$work/crt"
mapfile -t tls < <(with tls.conf)
tls+=(-v "$work/crt:/tls/crt:ro" -v "$work/key:/tls/key:ro")
chmod 0444 "$work/key"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}" "${tls[@]}"
is 'nginx: TLS 1.3 with a readable key' up "$(until_up ng curl -fsSk --tlsv1.3 -o /dev/null https://127.0.0.1:8443/)"
is 'nginx: TLS 1.2 refused' 35 "$(docker exec "$run-ng" curl -sk --tls-max 1.2 -o /dev/null https://127.0.0.1:8443/; echo $?)"
chmod 0600 "$work/key"
start ng nginx "${hardened[@]}" --user 101:101 "${tmp[@]}" "${tls[@]}"
is "nginx: a key of root's, 0600" 'exit 1' "$(until_up ng curl -fsSk --tlsv1.3 -o /dev/null https://127.0.0.1:8443/)"
has 'nginx: cannot load the key' 'cannot load certificate key' "$(logs ng)"

# Templates: rendered where the directory can be written, quietly not rendered where it cannot.
mkdir -p "$work/templates"
echo 'server { listen ${SHOP_PORT}; location / { return 200 "$host from ${SHOP_NAME}"; } }' >"$work/templates/shop.conf.template"
chmod 0755 "$work/templates"
chmod 0644 "$work/templates/shop.conf.template"
template=(-v "$work/templates:/etc/nginx/templates:ro" -e SHOP_PORT=8080 -e SHOP_NAME=here)
start ng nginx "${template[@]}"
is 'nginx: template rendered' up "$(until_up ng "${on_8080[@]}")"
is 'nginx: only variables of the environment are replaced' '127.0.0.1 from here' "$(docker exec "$run-ng" curl -s http://127.0.0.1:8080/)"
start ng nginx "${template[@]}" --read-only --tmpfs /var/cache/nginx --tmpfs /run --tmpfs /tmp
is 'nginx: on a read-only root it starts all the same' up "$(until_up ng "${on_80[@]}")"
has 'nginx: only complaining about the template' 'ERROR: /etc/nginx/templates exists, but /etc/nginx/conf.d is not writable' "$(logs ng)"
is 'nginx: and without what the template says' 7 "$(docker exec "$run-ng" curl -s -o /dev/null http://127.0.0.1:8080/; echo $?)"
start ng nginx "${template[@]}" --read-only --tmpfs /var/cache/nginx --tmpfs /run --tmpfs /tmp --tmpfs /etc/nginx/conf.d:mode=1777
is 'nginx: template rendered into a tmpfs' up "$(until_up ng "${on_8080[@]}")"
docker rm -fv "$run-ng" >/dev/null
