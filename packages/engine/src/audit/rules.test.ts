import { describe, expect, it } from "vitest";

import { auditProject, type AuditInput, type AuditRecord, RULES, type RuleId } from "./index.ts";

const HARD = `    user: "10001:10001"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
    logging: {driver: json-file, options: {max-size: 10m}}
    deploy: {resources: {limits: {cpus: "1.0", memory: 64M, pids: 64}}}
    healthcheck: {test: [CMD, curl, -f, "http://127.0.0.1/"]}
`;
const GOOD = `services:
  web:
    image: nginx:1.30.4
    ports: ["80:8080", "443:8443"]
    networks: [front]
    command: [nginx]
    environment: {LEVEL: info}
${HARD}  api:
    build: {context: ./api, args: {VERSION: "1"}}
    networks: [front, back]
    environment: {DB_PASSWORD_FILE: /run/secrets/db_password}
    secrets: [db_password]
${HARD}  db:
    image: postgres:17.11
    networks: [back]
    volumes: ["data:/var/lib/postgresql/data"]
${HARD}networks:
  front: {}
  back: {internal: true, driver_opts: {com.docker.network.bridge.inhibit_ipv4: "true"}}
volumes: {data: }
secrets:
  db_password: {file: ./secrets/db_password}
`;
const DOCKERFILE = "ARG PYTHON=python:3.13.15-slim\nFROM ${PYTHON} AS base\nFROM base\nENV LEVEL=info\n";
const NGINX = "ssl_protocols TLSv1.3;\n";
const RECORD: AuditRecord = {
  networks: [
    { name: "front", internal: false },
    { name: "back", internal: true },
  ],
  services: [
    { name: "web", networks: ["front"], secrets: [] },
    { name: "api", networks: ["back", "front"], secrets: ["db_password"] },
    { name: "db", networks: ["back"], secrets: [] },
  ],
  flows: [
    { from: "web", to: "api", port: 8000 },
    { from: "api", to: "db", port: 5432 },
  ],
  reaches: [],
  published: [
    { service: "web", scope: "production", container: 8080 },
    { service: "web", scope: "production", container: 8443 },
  ],
  exceptions: [],
  executables: ["ops/up"],
};

interface Project {
  readonly compose: string;
  readonly dockerfile: string;
  readonly nginx: string;
  readonly script: string;
  readonly executable: boolean;
  readonly answers: string;
  readonly record: AuditRecord | undefined;
  readonly ignored: readonly string[];
}
const project: Project = {
  compose: GOOD,
  dockerfile: DOCKERFILE,
  nginx: NGINX,
  script: "#!/bin/sh\necho up\n",
  executable: true,
  answers: "options:\n  tls: modern\n",
  record: RECORD,
  ignored: ["secrets/db_password"],
};

function inputOf(changed: Partial<Project> = {}): AuditInput {
  const { compose, dockerfile, nginx, script, executable, answers, record, ignored } = { ...project, ...changed };
  return {
    files: new Map([
      ["compose.yaml", { text: compose, executable: false }],
      ["api/Dockerfile", { text: dockerfile, executable: false }],
      ["nginx/tls.conf", { text: nginx, executable: false }],
      ["ops/up", { text: script, executable }],
      [".breakwater/answers.yaml", { text: answers, executable: false }],
    ]),
    configurations: [{ name: "production", mode: "production", files: ["compose.yaml"] }],
    env: {},
    record,
    ignored: new Set(ignored),
  };
}
const found = (changed: Partial<Project>) => {
  const result = auditProject(inputOf(changed));
  expect(result.problems).toEqual([]);
  return result.findings;
};
const swap = (from: string | RegExp, to: string): Partial<Project> => {
  const compose = GOOD.replace(from, to);
  expect(compose, `${String(from)} must be in the good project`).not.toBe(GOOD);
  return { compose };
};

/** A bad twin of the good project for each rule: rule, what breaks, line of the finding. */
const BAD: readonly (readonly [RuleId, () => Partial<Project>, string])[] = [
  ["published-port", () => swap('"443:8443"]', '"443:8443", "5432:5432"]'), "compose.yaml:4"],
  ["published-port", () => ({ ...swap('"443:8443"]', '"443:8443", "9000:9000"]'), record: undefined }), "compose.yaml:4"],
  ["published-port", () => ({ ...swap('"443:8443"]', '"443-9000:443-9000"]'), record: undefined }), "compose.yaml:4"],
  ["published-port", () => ({ ...swap('"443:8443"]', '{target: 80, published: "80-5432"}]'), record: undefined }), "compose.yaml:4"],
  [
    "engine-socket",
    () => swap("volumes: {data: }", "volumes: {data: {driver_opts: {o: bind, type: none, device: /run/docker.sock}}}"),
    "compose.yaml:32",
  ],
  ["secret-in-command", () => ({ ...swap("[nginx]", '[redis-server, --requirepass, "${PASS:-}"]') }), "compose.yaml:6"],
  ["secret-in-command", () => ({ ...swap("[nginx]", '"redis-server --requirepass ${PASS:-}"') }), "compose.yaml:6"],
  ["image-unpinned", () => swap("nginx:1.30.4", "nginx:stable-alpine"), "compose.yaml:3"],
  ["secret-in-environment", () => swap("{LEVEL: info}", "{POSTGRES_PASSWORD: 1234}"), "compose.yaml:7"],
  ["host-namespace", () => swap("    command: [nginx]\n", "    command: [nginx]\n    pid: host\n"), "compose.yaml:7"],
  ["privileged", () => swap("    command: [nginx]\n", "    command: [nginx]\n    privileged: true\n"), "compose.yaml:7"],
  ["engine-socket", () => swap("data:/var/lib", '/var/run/docker.sock:/var/run/docker.sock", "data:/var/lib'), "compose.yaml:32"],
  ["host-folder", () => swap("data:/var/lib", '/etc:/host", "data:/var/lib'), "compose.yaml:32"],
  ["capabilities", () => swap("    cap_drop: [ALL]\n", ""), "compose.yaml:2"],
  ["capabilities", () => swap("    cap_drop: [ALL]\n", "    cap_drop: [ALL]\n    cap_add: [SYS_ADMIN]\n"), "compose.yaml:11"],
  ["new-privileges", () => swap('    security_opt: ["no-new-privileges:true"]\n', ""), "compose.yaml:2"],
  ["unconfined", () => swap('"no-new-privileges:true"', '"no-new-privileges:true", "seccomp=unconfined"'), "compose.yaml:11"],
  ["writable-root", () => swap("    read_only: true\n", ""), "compose.yaml:2"],
  ["root-user", () => swap('"10001:10001"', '"0:0"'), "compose.yaml:8"],
  ["root-user", () => swap('    user: "10001:10001"\n', ""), "compose.yaml:2"],
  ["limits", () => swap(", pids: 64", ""), "compose.yaml:14"],
  ["health-missing", () => swap(/ {4}healthcheck: .*\n/, ""), "compose.yaml:2"],
  ["health-missing", () => swap(/healthcheck: .*\n/, "healthcheck: {disable: true}\n"), "compose.yaml:15"],
  ["health-always-true", () => swap(/healthcheck: .*\n/, 'healthcheck: {test: "curl -f http://127.0.0.1/ || true"}\n'), "compose.yaml:15"],
  ["health-always-true", () => swap(/healthcheck: .*\n/, 'healthcheck: {test: [CMD, "true"]}\n'), "compose.yaml:15"],
  ["restart", () => swap("    restart: unless-stopped\n", ""), "compose.yaml:2"],
  ["log-rotation", () => swap("    logging: {driver: json-file, options: {max-size: 10m}}\n", ""), "compose.yaml:2"],
  ["secret-in-environment", () => swap("{LEVEL: info}", "{LEVEL: info, API_TOKEN: abc123def}"), "compose.yaml:7"],
  ["secret-in-environment", () => swap("{LEVEL: info}", '{DATABASE_URL: "postgres://app:hunter2@db/app"}'), "compose.yaml:7"],
  ["secret-in-environment", () => swap("{LEVEL: info}", '["API_TOKEN=${TOKEN:-}"]'), "compose.yaml:7"],
  ["secret-in-command", () => swap("[nginx]", "[redis-server, --requirepass, hunter2]"), "compose.yaml:6"],
  ["secret-in-command", () => swap(/healthcheck: .*\n/, 'healthcheck: {test: "redis-cli --pass hunter2 ping"}\n'), "compose.yaml:15"],
  ["secret-in-build", () => swap('{VERSION: "1"}', "{NPM_TOKEN: abc123def}"), "compose.yaml:17"],
  ["secret-in-build", () => ({ dockerfile: `${DOCKERFILE}ENV API_TOKEN=abc123def\n` }), "api/Dockerfile:5"],
  ["secret-not-ignored", () => ({ ignored: [] }), "compose.yaml:46"],
  ["secret-unplanned", () => swap("    command: [nginx]\n", "    command: [nginx]\n    secrets: [db_password]\n"), "compose.yaml:7"],
  ["network-unplanned", () => swap("networks: [front]\n", "networks: [front, back]\n"), "compose.yaml:5"],
  ["flow-closed", () => swap("networks: [front, back]", "networks: [front]"), "compose.yaml:18"],
  ["network-open", () => swap("{internal: true, driver_opts", "{internal: false, driver_opts"), "compose.yaml:43"],
  ["network-open", () => swap(/, driver_opts: .*\}/, "}"), "compose.yaml:43"],
  [
    "network-default",
    () => ({ compose: GOOD.replaceAll(/ {4}networks: .*\n/g, "").replace("postgres:", "app:"), record: undefined }),
    "compose.yaml:2",
  ],
  ["network-edge-data", () => ({ ...swap("networks: [front]\n", "networks: [front, back]\n"), record: undefined }), "compose.yaml:31"],
  ["image-unpinned", () => swap("nginx:1.30.4", "nginx:latest"), "compose.yaml:3"],
  ["image-unpinned", () => swap("nginx:1.30.4", "nginx"), "compose.yaml:3"],
  ["image-unpinned", () => ({ dockerfile: "FROM python:3\n" }), "api/Dockerfile:1"],
  ["variable-unset", () => swap("LEVEL: info", 'LEVEL: "${LEVEL}"'), "compose.yaml:7"],
  ["tls-protocol", () => ({ nginx: "ssl_protocols TLSv1.2 TLSv1.3;\n" }), "nginx/tls.conf:1"],
  ["tls-protocol", () => ({ nginx: "ssl_protocols TLSv1.1 TLSv1.2;\n", answers: "options: {}\n" }), "nginx/tls.conf:1"],
  ["crlf", () => ({ script: "#!/bin/sh\necho up\r\n" }), "ops/up:2"],
  ["exec-bit", () => ({ executable: false }), "ops/up:1"],
  ["allow-without-reason", () => swap("    image: nginx:1.30.4\n", "    # breakwater: allow restart\n    image: nginx:1.30.4\n"), "compose.yaml:3"],
  [
    "allow-without-reason",
    () => swap("    image: nginx:1.30.4\n", "    # breakwater: allow no-such-rule it is so\n    image: nginx:1.30.4\n"),
    "compose.yaml:3",
  ],
];

describe("the rules of breakwater check", () => {
  it("a good project has no finding, with a recorded plan and without one", () => {
    expect(found({})).toEqual([]);
    expect(found({ record: undefined })).toEqual([]);
  });

  it.each(BAD.map(([rule, change, at]) => ({ rule, change, at })))("$rule is found at $at", ({ rule, change, at }) => {
    const findings = found(change());
    expect(findings.map(({ code, at: place }) => `${code} ${place}`)).toContain(`${rule} ${at}`);
    // One break, one rule: what fires on everything proves nothing.
    const others = findings.filter(({ code }) => code !== rule);
    expect(others.map(({ code, message }) => `${code}: ${message}`)).toEqual([]);
  });

  it("what only looks like a secret is none", () => {
    expect(
      found(swap("{LEVEL: info}", '{MYSQL_RANDOM_ROOT_PASSWORD: "yes", API_TOKEN_FILE: /run/secrets/x, TOKEN_LIFETIME: 15m, USE_TOKEN: "1"}')),
    ).toEqual([]);
  });

  it("every rule has a bad project here", () => {
    expect([...new Set(BAD.map(([rule]) => rule))].toSorted()).toEqual(Object.keys(RULES).toSorted());
  });

  it("an allow comment with a reason silences its rule, there or above the service, and is counted", () => {
    for (const compose of [
      GOOD.replace("    read_only: true\n", "").replace("  web:\n", "  # breakwater: allow writable-root the vendor's image writes\n  web:\n"),
      GOOD.replace("    read_only: true\n", "    read_only: false # breakwater: allow writable-root the vendor's image writes\n"),
    ]) {
      const result = auditProject(inputOf({ compose }));
      expect(result.findings).toEqual([]);
      expect(result.allowed.map(({ code }) => code)).toEqual(["writable-root"]);
    }
  });

  it("an exception that the plan makes is no finding", () => {
    const record = { ...RECORD, exceptions: [{ service: "web", control: "read-only" }] };
    expect(found({ ...swap("    read_only: true\n", ""), record })).toEqual([]);
  });
});
