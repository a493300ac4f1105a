import type { BootDefect } from "./boot.ts";

/** What the edge lets in, shows and says. */
export const EDGE_DEFECTS: readonly BootDefect[] = [
  {
    id: "any-name-served",
    breaks: "the edge serves every host name",
    caughtBy: "PROD-7 a name that is not in DOMAIN",
    apply: (p) => p.patch("nginx/instance.sh", "printf 'server_name%s;\\n'", "printf 'server_name ~.%s;\\n'"),
  },
  {
    id: "any-handshake",
    breaks: "the edge shows its certificate to whoever asks for another name",
    caughtBy: "PROD-7 a handshake for an unknown name",
    apply: (p) => p.patch("nginx/https.conf", "        ssl_reject_handshake on;\n", ""),
  },
  {
    id: "host-header-passed",
    breaks: "the application gets the Host header, whatever site it chose",
    caughtBy: "PROD-7 a host in the request line",
    apply: (p) => p.patch("nginx/common/proxy.conf", "Host $host$host_port;", "Host $http_host;"),
  },
  {
    id: "forwarded-believed",
    breaks: "everybody may say in X-Forwarded-For who they are",
    caughtBy: "PROD-8 without TRUSTED_PROXIES",
    apply: (p) =>
      p.patch(
        "nginx/instance.sh",
        '[[ -n "$list" ]] || return 0',
        "[[ -n \"$list\" ]] || { printf 'set_real_ip_from 0.0.0.0/0;\\nreal_ip_header X-Forwarded-For;\\n'; return 0; }",
      ),
  },
  {
    id: "ipv6-by-address",
    breaks: "each of the 2^64 addresses of an IPv6 household has a budget of its own",
    caughtBy: "PROD-8 IPv6 clients count by /64",
    apply: (p) => p.patch("nginx/common/client.conf", '    "~(?s)^(.{8}).{8}$" $1;\n', ""),
  },
  {
    id: "answers-compressed",
    breaks: "what the application answers is compressed",
    caughtBy: "PROD-7 files are compressed, and nothing",
    apply: (p) => p.patch("nginx/common/no-compress.conf", "gzip off;", "gzip on;"),
  },
  {
    id: "headers-not-merged",
    breaks: "a location with a header of its own loses the security headers",
    caughtBy: "PROD-8 the tier",
    apply: (p) => p.patch("nginx/common/site.conf", "add_header_inherit merge;\n", ""),
  },
  {
    id: "maintenance-ignored",
    breaks: "the edge does not look whether there is maintenance",
    caughtBy: "PROD-7 maintenance: a page for browsers",
    apply: (p) => p.patch("nginx/common/maintenance.conf", "if ($maintenance = on) { return 503; }\n", ""),
  },
  {
    id: "inline-code",
    breaks: "the content policy allows inline code",
    caughtBy: "PROD-7 the content policy stops code",
    apply: (p) => p.patch("nginx/common/policies.conf", "default-src 'self';", "default-src 'self' 'unsafe-inline';"),
  },
  {
    id: "no-challenge",
    breaks: "an ACME client's challenges are not shown",
    caughtBy: "PROD-7 certbot gets a certificate",
    apply: (p) => p.patch("nginx/https.conf", "        include common/acme.conf;\n", ""),
  },
  {
    id: "tier-too-wide",
    breaks: "the burst of logins is ten times what is promised",
    caughtBy: "PROD-8 the tier",
    apply: (p) => p.patch("nginx/plan/locations.conf", /burst=5 /g, "burst=50 "),
  },
  {
    id: "reload-cuts-idle",
    breaks: "a reload closes connections that were idle for longer than ten seconds",
    caughtBy: "PROD-7 a connection that is idle while nginx reloads",
    apply: (p) => p.patch("nginx/common/http.conf", "keepalive_min_timeout 30s;", "keepalive_min_timeout 10s;"),
  },
];
