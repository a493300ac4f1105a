import type { RuleId } from "@breakwater/engine/audit";

/** The files of a scaffolded project that a defect may change. */
export interface Files {
  /** Replaces text in a file; it must be there. */
  readonly patch: (path: string, from: string | RegExp, to: string) => void;
  readonly add: (path: string, text: string) => void;
  readonly chmod: (path: string, mode: number) => void;
}

/** A deliberate break that needs no engine to be seen, and the rule of `breakwater check` that must see it. */
export interface StaticDefect {
  readonly id: string;
  readonly breaks: string;
  readonly caughtBy: RuleId;
  readonly apply: (files: Files) => void;
}

const inBase = (from: string | RegExp, to: string) => (files: Files) => files.patch("compose.yaml", from, to);
const inProduction = (service: string, text: string) => (files: Files) =>
  files.patch("compose.production.yaml", `  ${service}:\n`, `  ${service}:\n${text}`);

export const STATIC_DEFECTS: readonly StaticDefect[] = [
  {
    id: "s-port-published",
    breaks: "PostgreSQL is published in production",
    caughtBy: "published-port",
    apply: inProduction("db", '    ports: ["5432:5432"]\n'),
  },
  {
    id: "s-port-everywhere",
    breaks: "development publishes on every address",
    caughtBy: "published-port",
    apply: (files) => files.patch("compose.override.yaml", "127.0.0.1:${REDIS_DEV_PORT", "${REDIS_DEV_PORT"),
  },
  {
    id: "s-base-port-kept",
    breaks: "production keeps the plain port of the base",
    caughtBy: "published-port",
    apply: (files) => files.patch("compose.production.yaml", /ports: !override\n/, 'ports:\n      - "9999:9999"\n'),
  },
  { id: "s-capability-kept", breaks: "capabilities are not dropped", caughtBy: "capabilities", apply: inBase("  cap_drop: [ALL]\n", "") },
  {
    id: "s-capability-added",
    breaks: "production adds SYS_ADMIN",
    caughtBy: "capabilities",
    apply: inProduction("worker", "    cap_add: [SYS_ADMIN]\n"),
  },
  {
    id: "s-new-privileges",
    breaks: "no-new-privileges is gone",
    caughtBy: "new-privileges",
    apply: inBase('  security_opt: ["no-new-privileges:true"]\n', ""),
  },
  { id: "s-privileged", breaks: "the database is privileged", caughtBy: "privileged", apply: inProduction("db", "    privileged: true\n") },
  { id: "s-root-user", breaks: "the edge runs as root", caughtBy: "root-user", apply: inBase('user: "101:101"', 'user: "0:0"') },
  { id: "s-writable-root", breaks: "root file systems are writable", caughtBy: "writable-root", apply: inBase("  read_only: true\n", "") },
  { id: "s-no-limits", breaks: "a service has no limits", caughtBy: "limits", apply: inBase(/ {4}deploy:\n {6}resources:\n {8}limits: .*\n/, "") },
  {
    id: "s-no-health",
    breaks: "a service has no health check",
    caughtBy: "health-missing",
    apply: inBase(/ {4}healthcheck:\n {6}<<: \*health\n {6}test: \[CMD, curl.*\n {6}start_period: 10s\n/, ""),
  },
  {
    id: "s-health-always-true",
    breaks: "a health check cannot fail",
    caughtBy: "health-always-true",
    apply: inBase("test: [CMD, python, -m, service_kit.healthcheck, worker]", 'test: [CMD, "true"]'),
  },
  {
    id: "s-health-or-true",
    breaks: "a health check swallows its failure",
    caughtBy: "health-always-true",
    apply: inBase("| grep -qx PONG", "|| true"),
  },
  {
    id: "s-no-rotation",
    breaks: "logs grow without bounds",
    caughtBy: "log-rotation",
    apply: inBase('    options: {max-size: 10m, max-file: "3"}\n', ""),
  },
  { id: "s-no-restart", breaks: "nothing restarts", caughtBy: "restart", apply: inBase("  restart: unless-stopped\n", "") },
  {
    id: "s-engine-socket",
    breaks: "the engine's socket is mounted",
    caughtBy: "engine-socket",
    apply: inProduction("worker", '    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]\n'),
  },
  {
    id: "s-host-network",
    breaks: "the edge is on the host's network",
    caughtBy: "host-namespace",
    apply: inProduction("proxy", "    network_mode: host\n"),
  },
  {
    id: "s-network-shared",
    breaks: "the frontend is on the database's network",
    caughtBy: "network-unplanned",
    apply: inBase("networks: [web]", "networks: [data, web]"),
  },
  {
    id: "s-network-open",
    breaks: "internal networks have a way out",
    caughtBy: "network-open",
    apply: inBase("  internal: true\n", "  internal: false\n"),
  },
  {
    id: "s-network-host",
    breaks: "internal networks reach the host",
    caughtBy: "network-open",
    apply: inBase('inhibit_ipv4: "true"', 'inhibit_ipv4: "false"'),
  },
  {
    id: "s-flow-closed",
    breaks: "the API is not on the database's network",
    caughtBy: "flow-closed",
    apply: inBase(/(app: \{aliases: \[backend\.app\]\}\n {6}cache:\n) {6}data:\n/, "$1"),
  },
  {
    id: "s-stranger",
    breaks: "a service that the plan does not know joins the database's network",
    caughtBy: "network-unplanned",
    apply: inBase("services:\n", 'services:\n  stranger: {image: "debian:13.1", networks: [data]}\n'),
  },
  {
    id: "s-secret-in-env",
    breaks: "the database password is a variable",
    caughtBy: "secret-in-environment",
    apply: inBase("DB_PASSWORD_FILE: /run/secrets/db_app_password", "DB_PASSWORD: hunter2hunter2"),
  },
  {
    id: "s-secret-in-command",
    breaks: "the Redis password is an argument",
    caughtBy: "secret-in-command",
    apply: inBase("command: [/etc/redis/redis.conf]", "command: [--requirepass, hunter2hunter2]"),
  },
  {
    id: "s-secret-spread",
    breaks: "the edge is given the database password",
    caughtBy: "secret-unplanned",
    apply: inProduction("proxy", "    secrets: [db_app_password]\n"),
  },
  {
    id: "s-secret-in-build",
    breaks: "the image carries a token",
    caughtBy: "secret-in-build",
    apply: (files) => files.add("services/backend/Dockerfile", "ENV API_TOKEN=abcdef123456\n"),
  },
  {
    id: "s-secret-in-git",
    breaks: "git would take the secrets",
    caughtBy: "secret-not-ignored",
    apply: (files) => files.patch(".gitignore", /.*secrets.*\n/, ""),
  },
  { id: "s-image-latest", breaks: "an image is latest", caughtBy: "image-unpinned", apply: inBase(/redis:\d[\w.-]*\}/, "redis:latest}") },
  {
    id: "s-from-latest",
    breaks: "a Dockerfile starts from an image without a tag",
    caughtBy: "image-unpinned",
    apply: (files) => files.add("services/backend/Dockerfile", "FROM debian\n"),
  },
  {
    id: "s-tls-1.2",
    breaks: "TLS 1.2 is on",
    caughtBy: "tls-protocol",
    apply: (files) => files.patch("nginx/common/tls-modern.conf", "TLSv1.3;", "TLSv1.2 TLSv1.3;"),
  },
  { id: "s-crlf", breaks: "a script has Windows line ends", caughtBy: "crlf", apply: (files) => files.patch("ops/up", "\n", "\r\n") },
  { id: "s-exec-bit", breaks: "a script lost its executable bit", caughtBy: "exec-bit", apply: (files) => files.chmod("ops/up", 0o644) },
  {
    id: "s-variable-unset",
    breaks: "a variable is set nowhere",
    caughtBy: "variable-unset",
    apply: inBase("${DOMAIN:-localhost}", "${NO_SUCH_VARIABLE}"),
  },
];
