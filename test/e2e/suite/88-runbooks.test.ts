import { beforeAll, describe, expect, it } from "vitest";

import { Backups } from "../lib/backups.ts";
import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { type Block, blocksOf } from "../lib/runbooks.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const backups = new Backups(project);

const OF_POSTGRES: Readonly<Record<string, string>> = {
  "PGPASSWORD=$(cat secrets/db_app_password)": "development publishes the port: 90-development",
  "docker compose exec \"$(ops/service sql)\" bash -c 'PGPASSWORD=$(</run/secrets/postgres_password) exec psql -h 127.0.0.1 -U postgres'":
    "asks for a password in a terminal",
};

/** Not typed here, by how the block begins, and why. Whatever is on no list is run, so a new command is tried or gets a reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "TRUSTED_PROXIES=": "a line of .env: 20-edge",
  "SECURITY_CONTACT=": "a line of .env: 20-edge",
  "DOMAIN=": "a line of .env: 20-edge",
  "docker system df\ndocker image ls": "the images of a deploy are looked at and removed in 67-deploy",
  "df -h . /var/lib/docker": "prune removes what other projects of this engine left",
  "rsync ": "another host",
  "getent ": "the public DNS",
  "git clone ": "another host; preflight: 80-generated",
  "curl https://app.example.com": "the public DNS",
  "certbot ": "20-edge, against an ACME server of its own",
  "create-breakwater ": "the command line: apps/create-breakwater/test; reload: 20-edge",
  "openssl s_client": "PROD-7 TLS 1.3 answers and 1.2 is refused: 20-edge",
  "ops/tls install ": "PROD-7: 20-edge",
  "ops/instance ": "70-instances",
  "ops/up --production --instance": "70-instances",
  "ops/health --instance": "70-instances",
  "ops/down --instance": "70-instances",
  "docker compose --env-file instances": "70-instances",
  "ops/pin": "asks a registry: test/e2e/ops/engine.bats",
  "tar -c .env": "asks for a passphrase in a terminal",
  "gpg ": "asks for a passphrase in a terminal",
  ...(project.find("sql") === undefined ? {} : OF_POSTGRES),
  ...stack.application.notTyped,
};

const reasonOf = ({ text }: Block) => Object.entries(ELSEWHERE).find(([begins]) => text.startsWith(begins))?.[1];

/** What a reader puts in place of the examples. */
async function filledIn(text: string): Promise<string> {
  const sets = text.includes("ops/restore 13bb7ecc") ? (await backups.inRepository()).sets : [];
  const before = () => backups.sql("SELECT datname FROM pg_database WHERE datname LIKE 'app_before_%' ORDER BY datname DESC LIMIT 1", "postgres");
  let kept = text.includes("app_before_") ? await before() : "";
  // Whoever reads this has restored.
  if (text.includes("app_before_") && kept.trim() === "") {
    await project.mustOps("restore", ["--yes"], { timeout: 500_000 });
    kept = await before();
  }
  return text
    .replaceAll("ada@example.com", "runbooks-0@example.com")
    .replace("13bb7ecc", (sets.at(-1) ?? "").slice(0, 8))
    .replace(/app_before_\d+/, kept.trim())
    .replace("rotate NAME", project.find("broker") === undefined ? `rotate ${project.secretName("db_backup_password")}` : "rotate redis_password")
    .replace("logs SERVICE", `logs ${project.find("worker") ?? project.service("app")}`)
    .replace("ops/doctor", "(ops/doctor")
    .replace(/(\(ops\/doctor[^\n]*)/, "$1 || [ $? -eq 3 ])")
    .replaceAll("app.example.com:443", `localhost:${project.ports.https}`)
    .replaceAll("https://app.example.com/", `https://localhost:${project.ports.https}/`);
}

describe("the runbooks, as they are written", () => {
  const blocks = blocksOf(project.dir);
  beforeAll(async () => {
    const health = await project.ops("health", ["--wait", "120"]);
    expect(health.code, health.out + health.err).toBe(0);
    await stack.application.signIn(project, 1, "runbooks");
    expect((await project.ops("backup")).code).toBe(0);
  });

  it("every reason why a block is not run still has its block", () => {
    expect(Object.keys(ELSEWHERE).filter((begins) => !blocks.some(({ text }) => text.startsWith(begins)))).toEqual([]);
    expect(blocks.filter((block) => reasonOf(block) === undefined).length).toBeGreaterThan(25);
  });

  it.each(
    blocks.filter((block) => reasonOf(block) === undefined).map((block) => [block.page, block.line, block.text.split("\n")[0], block] as const),
  )(
    "PROD-14 docs/operations/%s:%d works as written: %s",
    async (_page, _line, _first, block) => {
      const ran = await run("bash", ["-euo", "pipefail", "-c", await filledIn(block.text)], { cwd: project.dir, timeout: 500_000, input: "" });
      expect(ran.code, ran.out.slice(-3000) + ran.err.slice(-3000)).toBe(0);
    },
    600_000,
  );

  it("PROD-14 after all of them the project is healthy and nobody sees a maintenance page", async () => {
    const health = await project.ops("health", ["--wait", "120"]);
    expect(health.code, health.out + health.err).toBe(0);
    expect((await project.edge().call("/api/v1/health/")).status).toBe(200);
  });
});
