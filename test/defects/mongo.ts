import type { BootDefect } from "./boot.ts";

const stack = "node-mongo";

/** What a keyed replica set and its backups have to break. */
export const MONGO_DEFECTS: readonly BootDefect[] = [
  {
    id: "keyfile-open",
    stack,
    breaks: "the container takes a keyfile that others can read",
    caughtBy: "HARD-1 a keyfile that others can read",
    apply: (p) => p.patch("services/mongo/bin/start", "if ((8#$mode & 8#077)) &&", "if false &&"),
  },
  {
    id: "keyfile-written-over",
    stack,
    breaks: "generate:mongo-key makes a new key each time",
    caughtBy: "HARD-1 the keyfile is made once",
    apply: (p) => p.patch("package.json", "bash ops/secrets init mongo_keyfile", "rm -f secrets/mongo_keyfile; bash ops/secrets init mongo_keyfile"),
  },
  {
    id: "keyfile-writable",
    stack,
    breaks: "the keyfile is mounted beside the secrets, and can be written",
    caughtBy: "HARD-2 the keyfile is read-only inside",
    apply: (p) => {
      p.patch("compose.yaml", "{source: mongo_keyfile, target: /etc/mongo-keyfile}, ", "");
      p.patch(
        "compose.yaml",
        "      - mongodata:/data/db\n",
        '      - mongodata:/data/db\n      - "${SECRETS_DIR:-./secrets}/mongo_keyfile:/etc/mongo-keyfile"\n',
      );
    },
  },
  {
    id: "keyfile-half-rotated",
    stack,
    breaks: "a rotation of the keyfile leaves the old key in the members",
    caughtBy: "HARD-2 a rotation of the keyfile leaves",
    apply: (p) => p.patch("ops/lib/rotate.d/keyfile.sh", "  members_with new\n", ""),
  },
  {
    id: "frontend-on-backend-network",
    stack,
    breaks: "the frontend is on the network of MongoDB",
    caughtBy: "HARD-3 frontend reaches neither",
    apply: (p) => p.patch("compose.yaml", /(\n {2}frontend: &frontend\n[^]*?networks: \[)frontend-network/, "$1backend-network, frontend-network"),
  },
  {
    id: "app-owns-the-schema",
    stack,
    breaks: "the application's user may do everything in its database",
    caughtBy: "HARD-4 the application's user cannot change",
    apply: (p) => p.patch("services/mongo/bin/init.js", '[{ role: "appDocuments", db: "admin" }]', '[{ role: "readWrite", db: database }]'),
  },
  {
    id: "dump-without-users",
    stack,
    breaks: "a backup holds the application's database alone",
    caughtBy: "PROD-12 a drill finds",
    apply: (p) => p.patch("services/backup/bin/database.sh", "--oplog --archive", "--db app --archive"),
  },
  {
    id: "restore-uncompared",
    stack,
    breaks: "a drill believes whatever comes back",
    caughtBy: "PROD-12 a drill finds",
    apply: (p) =>
      p.patch("services/backup/bin/rehearse.sh", 'diff "$SET/manifest-server.tsv" /tmp/run/found', 'true "$SET/manifest-server.tsv" /tmp/run/found'),
  },
  {
    id: "validator-stops-a-restore",
    stack,
    breaks: "a drill holds old documents against today's rules",
    caughtBy: "PROD-12 a drill finds",
    apply: (p) => p.patch("services/backup/bin/rehearse.sh", " --bypassDocumentValidation", ""),
  },
  {
    id: "live-not-saved",
    stack,
    breaks: "a restore with everything stopped does not save what was live",
    caughtBy: "PROD-12 a restore while everything is stopped",
    apply: (p) => p.patch("ops/lib/restore-database.sh", "  save_what_is_live\n", "  ! service_container backup >/dev/null || save_what_is_live\n"),
  },
  {
    id: "writers-on-a-half",
    stack,
    breaks: "a restore that failed half-way starts the writers on what is there",
    caughtBy: "PROD-12 a restore that fails half-way",
    apply: (p) => p.patch("ops/lib/restore-database.sh", "  HALF=$1\n", ""),
  },
  {
    id: "root-locked-out",
    stack,
    breaks: "--force wants the password that nobody has",
    caughtBy: "SHOP-8 root gets a new password",
    apply: (p) => p.patch("services/mongo/bin/login.js", 'verb === "force"', 'verb === "none"'),
  },
  {
    id: "keyfile-member-forgotten",
    stack,
    breaks: "a rotation of the keyfile leaves a member away that it had taken down",
    caughtBy: "HARD-2 a rotation of the keyfile that was cut off",
    apply: (p) => p.patch("ops/lib/rotate.d/keyfile.sh", '    again "$service"\n', '    renew "$service"\n'),
  },
  {
    id: "mongo-tls-optional",
    stack,
    on: "mongo-tls",
    breaks: "MongoDB speaks without TLS although it was asked for",
    caughtBy: "NET-4 MongoDB lets nobody in without TLS",
    // The stand-in knows no mode between the two.
    mayNotBoot: true,
    apply: (p) => p.patch("compose.yaml", "--tlsMode, requireTLS", "--tlsMode, preferTLS"),
  },
  {
    id: "mongo-health-stays",
    stack,
    on: "mongo-tls",
    breaks: "each look of the health check leaves a process behind",
    caughtBy: "NET-4 its health check leaves nothing behind",
    apply: (p) => {
      p.patch("services/mongo/bin/health", "exec timeout 5 openssl", "exec openssl");
      p.patch("services/mongo/bin/health", /^ {2}trap 'kill .*\n/m, "");
    },
  },
];
