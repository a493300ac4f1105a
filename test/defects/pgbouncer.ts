import type { BootDefect } from "./boot.ts";

/** Of the project that test/e2e/suite/75-pgbouncer.test.ts boots for itself. */
export const PGBOUNCER_DEFECTS: readonly BootDefect[] = [
  {
    id: "pool-by-session",
    breaks: "the pooler lends a connection for as long as a client stays",
    caughtBy: "PROD-13 idle clients hold no server connection",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/pgbouncer.ini", "pool_mode = transaction", "pool_mode = session"),
  },
  {
    id: "pool-unbounded",
    breaks: "the pooler opens as many connections as clients ask for",
    caughtBy: "PROD-13 200 clients share a bounded number",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/bin/run", /(default_pool_size|max_db_connections) = .*/g, (line) => line.replace(/= .*/, "= 90")),
  },
  {
    id: "pool-bypassed",
    breaks: "the application goes to PostgreSQL beside the pooler",
    caughtBy: "PROD-13 the application reaches PostgreSQL through",
    on: "pgbouncer",
    apply: (p) => {
      p.patch("compose.yaml", "DB_HOST: pgbouncer", "DB_HOST: db");
      p.patch("compose.yaml", 'DB_PORT: "6432"', 'DB_PORT: "5432"');
      p.patch("compose.yaml", "      pool:\n", "      data:\n      pool:\n");
    },
  },
  {
    id: "pool-password-kept",
    breaks: "the pooler keeps the password that it read at its start",
    caughtBy: "PROD-13 db_app_password is rotated",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/bin/run", "  read_secret || continue\n", "  continue\n"),
  },
  {
    id: "pool-first-line",
    breaks: "a pooler that starts within a rotation believes the first line of the file",
    caughtBy: "PROD-13 a pooler that starts in the middle",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/bin/run", ' && lets_in "$line"; then', "; then"),
  },
  {
    id: "pool-slow-retry",
    breaks: "the pooler does not try a database again that was away",
    caughtBy: "PROD-13 a killed pooler comes back",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/pgbouncer.ini", "server_login_retry = 1", "server_login_retry = 600"),
  },
  {
    id: "pool-console-open",
    breaks: "the admin console is open to the application's role",
    caughtBy: "PROD-13 the admin console answers nobody",
    on: "pgbouncer",
    apply: (p) => p.patch("services/pgbouncer/pgbouncer.ini", "admin_users =\n", "admin_users = app\n"),
  },
];
