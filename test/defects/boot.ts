import type { Project } from "../e2e/lib/project.ts";
import { BACKUP_OPTION_DEFECTS } from "./backup-options.ts";
import { DEPLOY_DEFECTS } from "./deploy.ts";
import { EDGE_DEFECTS } from "./edge.ts";
import { FASTAPI_DEFECTS } from "./fastapi.ts";
import { MONGO_DEFECTS } from "./mongo.ts";
import { MONITORING_DEFECTS } from "./monitoring.ts";
import { OPTION_DEFECTS } from "./options.ts";
import { NODE_MONGO_DEFECTS } from "./node-mongo.ts";
import { PGBOUNCER_DEFECTS } from "./pgbouncer.ts";
import { SHOP_DEFECTS } from "./shop.ts";
import { SHOP_WEB_DEFECTS } from "./shop-web.ts";

/** A deliberate break that only a running stack can show, and the test that must turn red by it. */
export interface BootDefect {
  readonly id: string;
  readonly breaks: string;
  readonly apply: (project: Project) => void;
  /** Part of the title of the test that must fail. */
  readonly caughtBy: string;
  /** The project of one test alone, which applies it by itself. */
  readonly on?: string;
  /** The stack whose files it breaks, where that is not the first one. */
  readonly stack?: string;
  /** The stack does not even come up: that is red as well. */
  readonly mayNotBoot?: boolean;
}

export const BOOT_DEFECTS: readonly BootDefect[] = [
  {
    id: "port-published",
    breaks: "PostgreSQL is published in production",
    caughtBy: "ISO-3 production publishes",
    apply: (p) => p.patch("compose.production.yaml", "  db:\n", '  db:\n    ports: ["29999:5432"]\n    networks: [data, edge]\n'),
  },
  {
    id: "capability-kept",
    breaks: "capabilities are not dropped",
    caughtBy: "PROD-10 every container runs",
    apply: (p) => p.patch("compose.yaml", "  cap_drop: [ALL]\n", ""),
  },
  {
    id: "new-privileges",
    breaks: "no-new-privileges is gone",
    caughtBy: "PROD-10 every container runs",
    apply: (p) => p.patch("compose.yaml", '  security_opt: ["no-new-privileges:true"]\n', ""),
  },
  {
    id: "writable-root",
    breaks: "the root file system is writable",
    caughtBy: "PROD-10 every container runs",
    apply: (p) => p.patch("compose.yaml", "  read_only: true\n", ""),
  },
  {
    id: "root-user",
    breaks: "the edge runs as root",
    caughtBy: "PROD-10 every container runs",
    mayNotBoot: true,
    apply: (p) => p.patch("compose.yaml", 'user: "101:101"', 'user: "0:0"'),
  },
  {
    id: "network-shared",
    breaks: "the frontend is on the database's network",
    caughtBy: "PROD-9 every cell of the matrix",
    apply: (p) => p.patch("compose.yaml", "networks: [web]", "networks: [data, web]"),
  },
  {
    id: "listens-everywhere",
    breaks: "the API listens on every network",
    caughtBy: "PROD-9 every cell of the matrix",
    apply: (p) => p.patch("compose.yaml", "LISTEN_HOST: backend.app", "LISTEN_HOST: 0.0.0.0"),
  },
  {
    id: "network-open",
    breaks: "internal networks have a way out",
    caughtBy: "ISO-5 internal networks have no way out",
    apply: (p) => {
      p.patch("compose.yaml", "  internal: true\n", "  internal: false\n");
      p.patch("compose.yaml", 'inhibit_ipv4: "true"', 'inhibit_ipv4: "false"');
    },
  },
  {
    id: "secret-on-command-line",
    breaks: "the Redis password is an argument of a process",
    caughtBy: "HARD-4 no secret shows",
    apply: (p) => {
      p.patch(
        "compose.yaml",
        "entrypoint: [redis-server]\n",
        `entrypoint: [bash, -ec, 'bash -c "while :; do sleep 5; done" "$$(cat /run/secrets/redis_password)" & exec redis-server "$$0"']\n`,
      );
      p.patch("compose.yaml", "secrets: [redis_acl]", "secrets: [redis_acl, redis_password]");
    },
  },
  {
    id: "secret-in-environment",
    breaks: "the database password is a variable of the worker",
    caughtBy: "HARD-4 no secret shows",
    apply: (p) =>
      p.patch(
        "compose.yaml",
        "command: [celery, --quiet, -A, config, worker, ",
        `command: [sh, -c, 'LEAK="$$(cat /run/secrets/db_app_password)" exec celery "$$@"', sh, --quiet, -A, config, worker, `,
      ),
  },
  {
    id: "redis-open",
    breaks: "Redis lets everybody in",
    caughtBy: "HARD-4 the Redis password is asked for",
    apply: (p) => p.patch("ops/lib/secret-files.sh", "printf 'user default off\\n'", "printf 'user default on nopass ~* &* +@all\\n'"),
  },
  {
    id: "secret-in-layer",
    breaks: "a secret is copied into the image",
    caughtBy: "HARD-4 image layers hold no secret file",
    apply: (p) => {
      p.patch("ops/up", '"$OPS/tls" init', 'cp "$ROOT/secrets/db_app_password" "$ROOT/services/backend/accounts/leak.txt"\n"$OPS/tls" init');
    },
  },
  {
    id: "tls-1.2",
    breaks: "TLS 1.2 is on",
    caughtBy: "PROD-7 TLS 1.3 answers and 1.2 is refused",
    apply: (p) => p.patch("nginx/common/tls-modern.conf", "TLSv1.3;", "TLSv1.2 TLSv1.3;"),
  },
  {
    id: "headers-lost",
    breaks: "a location drops the security headers",
    caughtBy: "ISO-7 nine security headers",
    apply: (p) => p.patch("nginx/common/headers.conf", /add_header X-Content-Type-Options.*\n/, ""),
  },
  {
    id: "no-redirect",
    breaks: "plain HTTP serves the site",
    caughtBy: "ISO-3 plain HTTP redirects",
    apply: (p) =>
      p.patch(
        "nginx/https.conf",
        "        location / { return 308 https://$host$https_port_suffix$request_uri; }",
        "        location / { return 200 'hello'; }",
      ),
  },
  {
    id: "no-rate-limit",
    breaks: "logins are not limited",
    caughtBy: "PROD-8 the login tier",
    apply: (p) => {
      p.patch("nginx/plan/limits.conf", "rate=10r/m", "rate=10000r/m");
      p.patch("services/backend/config/settings.py", 'env_rate("RATE_LIMIT_AUTH", "10/min")', 'env_rate("RATE_LIMIT_AUTH", "9999/min")');
    },
  },
  {
    id: "health-always-true",
    breaks: "the worker's health check cannot fail",
    caughtBy: "ISO-10 a worker without its queue",
    apply: (p) => p.patch("compose.yaml", "test: [CMD, python, -m, service_kit.healthcheck, worker]", "test: [CMD, python, -c, pass]"),
  },
  {
    id: "role-owns-schema",
    breaks: "the application logs in as the schema's owner",
    caughtBy: "HARD-4 the application role cannot",
    apply: (p) =>
      p.patch(
        "services/db/init/10-roles.sh",
        "ALTER SCHEMA public OWNER TO app_owner;",
        "ALTER SCHEMA public OWNER TO app_owner;\nGRANT CREATE ON SCHEMA public TO app;",
      ),
  },
  {
    id: "request-id-lost",
    breaks: "the edge does not pass the request id on",
    caughtBy: "PROD-5 one request id",
    apply: (p) => p.patch("nginx/common/proxy.conf", "proxy_set_header X-Request-ID $req_id;\n", ""),
  },
  {
    id: "dev-server",
    breaks: "production runs the dev server",
    caughtBy: "ISO-4 the frontend is a static build",
    mayNotBoot: true,
    apply: (p) => p.patch("compose.yaml", /(services\/frontend\n\s+target: )runtime/, "$1development"),
  },
  {
    id: "dump-failure-hidden",
    breaks: "a dump that fails counts as a backup",
    caughtBy: "PROD-11 a dump that dies half-way",
    apply: (p) => p.patch("services/backup/bin/dump", 'pg_dump "$@" |', '(pg_dump "$@" || true) |'),
  },
  {
    id: "retention-off",
    breaks: "30 daily backups are kept instead of 7",
    caughtBy: "PROD-11 retention keeps 20",
    apply: (p) => p.patch("services/backup/bin/lib.sh", "--keep-daily 7", "--keep-daily 30"),
  },
  {
    id: "backup-age-unseen",
    breaks: "the health of the backup service does not look at ages",
    caughtBy: "PROD-11 a stale backup turns",
    apply: (p) => p.patch("services/backup/bin/health", '-gt "$2"', "-lt 0"),
  },
  {
    id: "drill-compares-nothing",
    breaks: "a drill restores and does not compare",
    caughtBy: "PROD-12 a drill finds",
    apply: (p) => p.patch("services/backup/bin/rehearse.sh", 'diff "$SET/manifest', 'true diff "$SET/manifest'),
  },
  {
    id: "keys-not-backed-up",
    breaks: "certificates are in no backup",
    caughtBy: "PROD-12 everything destroyed",
    apply: (p) => p.patch("ops/lib/backup.sh", ' tls "$TLS" live.env', " live.env"),
  },
  {
    id: "readers-not-told",
    breaks: "a rotation changes the role and never the file that its readers see",
    caughtBy: "SHOP-8 a rotation under load",
    apply: (p) => p.patch("ops/lib/secret-files.sh", '1<>"$1"', '>"$1.new" && mv -f "$1.new" "$1"'),
  },
  {
    id: "password-read-at-start",
    breaks: "a process keeps the password that it read first",
    caughtBy: "SHOP-8 processes that were never restarted",
    apply: (p) => {
      const file = "services/backend/ops/postgresql/connection.py";
      p.patch(file, "def connect_with_file", "_kept: dict[str, list[str]] = {}\n\n\ndef connect_with_file");
      p.patch(file, "values = secret_values(Path(path))", "values = _kept.setdefault(path, secret_values(Path(path)))");
    },
  },
  {
    id: "old-value-taken",
    breaks: "Redis keeps the old password beside the new one",
    caughtBy: "SHOP-8 a rotation under load",
    apply: (p) => {
      p.patch("ops/lib/rotate-at.sh", 'load_acl "$at" "$acl" "$NEW"\n', 'load_acl "$at" "$acl" "$OLD" "$NEW"\n');
      p.patch("ops/lib/rotate.sh", '[ "$status" -eq 1 ] || die "the old', ': || die "the old');
    },
  },
  {
    id: "sessions-lost",
    breaks: "the old signing key is forgotten at once",
    caughtBy: "SHOP-8 the signing key is rotated",
    apply: (p) => p.patch("ops/lib/rotate.sh", '"$NEW"$\'\\n\'"$VALUE"', '"$NEW"'),
  },
  {
    id: "no-journal",
    breaks: "a rotation that is killed forgets the value that it was about to set",
    caughtBy: "SHOP-8 a rotation that is killed",
    apply: (p) => p.patch("ops/lib/rotate.sh", 'mv -- "$draft" "$J"', "J=$draft"),
  },
  {
    id: "leaks-not-seen",
    breaks: "leak-check looks into no image layer and no commit",
    caughtBy: "SHOP-8 leak-check is quiet",
    apply: (p) => {
      p.patch("ops/lib/leaks.sh", '    [ "$whose" = ours ] || continue\n', "    continue\n");
      p.patch("ops/lib/leaks.sh", "  leaks_in_git\n", "");
    },
  },
  {
    id: "doctor-blind",
    breaks: "doctor does not compare containers with the files",
    caughtBy: "PROD-3 doctor finds nothing",
    apply: (p) => p.patch("ops/doctor", "  check_drift\n", ""),
  },
  ...EDGE_DEFECTS,
  ...DEPLOY_DEFECTS,
  ...BACKUP_OPTION_DEFECTS,
  ...PGBOUNCER_DEFECTS,
  ...SHOP_DEFECTS,
  ...SHOP_WEB_DEFECTS,
  ...MONITORING_DEFECTS,
  ...OPTION_DEFECTS,
  ...MONGO_DEFECTS,
  ...NODE_MONGO_DEFECTS,
  ...FASTAPI_DEFECTS,
];
