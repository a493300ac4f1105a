import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { imageOf } from "../lib/images.ts";
import { Load } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const table = join(project.dir, "ops/data/certificates.tsv");

/** What answers without TLS, or with a certificate that the project's CA did not issue for this name, asked from where its clients are. */
const ASK = `
import json, os, socket, ssl, struct
kind, host, port = json.loads(os.environ["HOST"])
def reach(host, port): return socket.create_connection((host, port), 5)
def plain(kind, host, port):
    with reach(host, port) as s:
        if kind in ("sql", "pooler"):
            # A start-up message of protocol 3 for the user app: what a client with sslmode=disable sends.
            body = struct.pack("!i", 196608) + b"user\\0app\\0database\\0app\\0\\0"
            s.sendall(struct.pack("!i", len(body) + 4) + body)
        elif kind == "broker": s.sendall(b"PING\\r\\n")
        else: s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        try: return s.recv(400).decode("latin1")
        except OSError as error: return type(error).__name__
def tls(kind, host, port, name, ca):
    context = ssl.create_default_context(cafile=ca)
    with reach(host, port) as s:
        if kind in ("sql", "pooler"):
            s.sendall(struct.pack("!ii", 8, 80877103)); assert s.recv(1) == b"S"
        try:
            with context.wrap_socket(s, server_hostname=name) as t: return t.version()
        except ssl.SSLError as error: return "REFUSED " + str(error.verify_message if hasattr(error, "verify_message") else error.reason)
print(json.dumps({
    "plain": plain(kind, host, port),
    "right": tls(kind, host, port, host, "/run/trust/ca.crt"),
    "name": tls(kind, host, port, "somebody-else", "/run/trust/ca.crt"),
    "stranger": tls(kind, host, port, host, None),
}))
`;

stacksWith("certificates inside", existsSync(table)).describe("TLS between the services", () => {
  const KINDS = {
    sql: { port: 5432, plain: /no encryption/ },
    pooler: { port: 6432, plain: /SSL required/ },
    broker: { port: 6379, plain: /^(?![^]*PONG)/ },
    s3: { port: 9000, plain: /^(?![^]*ListAllMyBucketsResult)/ },
  };
  const from = async (service: string) => ["--network", `container:${(await project.containers()).get(project.beside(service))}`];
  const serving = () => project.certified(Object.keys(KINDS) as (keyof typeof KINDS)[]);

  it("NET-4 nobody is let in without TLS, and no stranger's certificate is taken", async () => {
    expect(serving().length).toBeGreaterThan(0);
    for (const { service, word } of serving()) {
      const own = ["run", "--rm", "-i", ...(await from(service)), "-v", `${project.dir}/tls/trust:/run/trust:ro`];
      const env = ["-e", `HOST=${JSON.stringify([word, service, KINDS[word].port])}`];
      const said = JSON.parse(await must("docker", [...own, ...env, "--entrypoint", "python", imageOf("python"), "-"], { input: ASK })) as unknown;
      expect([service, said]).toEqual([
        service,
        {
          plain: expect.stringMatching(KINDS[word].plain),
          right: "TLSv1.3",
          name: expect.stringMatching(/^REFUSED .*[Hh]ostname/),
          stranger: expect.stringMatching(/^REFUSED /),
        },
      ]);
    }
  });

  it("NET-4 every client asks for the certificate: no setting lets one go without", async () => {
    const config = JSON.parse(await project.mustCompose(["config", "--format", "json"])) as {
      services: Record<string, { environment?: Record<string, string>; volumes?: { source: string; target: string }[] }>;
    };
    const names = serving().map(({ service }) => service);
    for (const [name, { environment = {}, volumes = [] }] of Object.entries(config.services)) {
      if (!names.includes(environment["DB_HOST"] ?? "")) continue;
      expect([name, environment["DB_CA_FILE"]]).toEqual([name, "/run/trust/ca.crt"]);
      expect(
        volumes.map(({ target }) => target),
        name,
      ).toContain("/run/trust");
      // The key of a server is with that server alone.
      if (names.includes(name)) continue;
      expect(
        volumes.filter(({ target }) => target === "/run/tls"),
        name,
      ).toEqual([]);
    }
    const sessions = await project.sql(
      "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app'",
    );
    const [all, encrypted] = sessions.trim().split("|").map(Number);
    expect(all).toBeGreaterThan(0);
    expect(encrypted).toBe(all);
  });

  it("NET-4 certificates are renewed under load, and those are served from then on", async () => {
    const people = await application.signIn(project, 6, "renewal");
    const load = new Load(project, application, people, { rate: 6, mix: ["read", "page", "write"] });
    const before = readFileSync(join(project.dir, "tls", project.service("sql"), "server.crt"), "utf8");
    const renewed = await project.ops("tls", ["renew", "--force"]);
    await new Promise((wake) => setTimeout(wake, 4_000));
    const { failed, sent } = await load.stop();
    console.log(`renewed all certificates: ${sent} requests, ${failed.length} failed`);
    expect(renewed.code, renewed.out + renewed.err).toBe(0);
    expect(failed).toEqual([]);
    for (const { service, word } of serving()) {
      const file = readFileSync(join(project.dir, "tls", service, "server.crt"), "utf8");
      const start = ["sql", "pooler"].includes(word) ? "-starttls postgres" : "";
      const asked = await run("docker", [
        "run",
        "--rm",
        ...(await from(service)),
        "--entrypoint",
        "sh",
        imageOf("postgres"),
        "-c",
        `openssl s_client ${start} -connect ${service}:${KINDS[word].port} </dev/null 2>/dev/null | openssl x509`,
      ]);
      expect([service, asked.out.trim()]).toEqual([service, file.trim()]);
    }
    expect(readFileSync(join(project.dir, "tls", project.service("sql"), "server.crt"), "utf8")).not.toBe(before);
    const health = await project.ops("health", ["--wait", "60"]);
    expect(health.code, health.out + health.err).toBe(0);
  });
});
