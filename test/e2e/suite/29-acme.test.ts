import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Acme, startAcme } from "../lib/acme.ts";
import { edgeAlone } from "../lib/edge-alone.ts";
import { Project } from "../lib/project.ts";
import { run, until, which } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const name = "app.example.com";
const certbot = await which("certbot");
const tools = join(import.meta.dirname, "../.work/tools/pebble/usr/bin");
const pebble = await which(join(tools, "pebble"), "pebble");
const names = await which(join(tools, "pebble-challtestsrv"), "pebble-challtestsrv");

// test/e2e/fetch pebble brings the server, apt certbot, and .ci/run calls both; elsewhere the run says that it did not look.
describe.skipIf(certbot === undefined || pebble === undefined || names === undefined)("a certificate by ACME, from a server of the same make", () => {
  let project: Project | undefined;
  let acme: Acme | undefined;
  const opened = () => {
    if (project === undefined || acme === undefined) throw new Error("nothing was started");
    return { project, acme };
  };
  const served = async (ca: string) => {
    const port = String(stack.edgePorts.https);
    const argv = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", name, "-verify_return_error", "-verify_hostname", name, "-CAfile", ca];
    const ran = await run("openssl", argv, { timeout: 15_000 });
    return { trusted: ran.out.includes("Verify return code: 0 (ok)"), certificate: /-----BEGIN[^]+?END CERTIFICATE-----/.exec(ran.out)?.[0] ?? "" };
  };

  beforeAll(async () => {
    project = await edgeAlone(Project.open(stack.instance, stack.ports), stack, { DOMAIN: name });
    const programs = { pebble: pebble ?? "", names: names ?? "", certbot: certbot ?? "" };
    acme = await startAcme(programs, join(project.dir, ".acme"), stack.edgePorts.http + 1, stack.edgePorts.http);
  });
  afterAll(async () => {
    acme?.close();
    await project?.destroy();
  });

  it("PROD-7 certbot gets a certificate over HTTP-01, and the edge shows it without a restart", async () => {
    const { project, acme } = opened();
    const started = (await project.inspect())[0]?.State.StartedAt as string;
    expect((await served(acme.root)).trusted).toBe(false);
    const hook = `${project.dir}/ops/tls install --cert "$RENEWED_LINEAGE/fullchain.pem" --key "$RENEWED_LINEAGE/privkey.pem"`;
    const flags = ["--agree-tos", "--register-unsafely-without-email", "--deploy-hook", hook];
    const ran = await acme.certbot("certonly", "--webroot", "-w", join(project.dir, "state/edge/acme"), "-d", name, ...flags);
    expect(ran.code, ran.out + ran.err).toBe(0);
    const now = await until(
      () => served(acme.root),
      (one) => one.trusted,
      15_000,
    );
    expect(now.trusted).toBe(true);
    expect((await project.inspect())[0]?.State.StartedAt).toBe(started);
    const check = await project.ops("tls", ["check"], { env: { SSL_CERT_FILE: acme.root } });
    expect(check.code, check.out + check.err).toBe(0);
  });

  it("PROD-7 a renewal goes the same way by itself, and ops/tls leaves the certificate alone", async () => {
    const { project, acme } = opened();
    const before = await served(acme.root);
    const ran = await acme.certbot("renew", "--force-renewal", "--no-random-sleep-on-renew");
    expect(ran.code, ran.out + ran.err).toBe(0);
    // A reload takes a moment.
    const after = await until(
      () => served(acme.root),
      (one) => one.certificate !== before.certificate,
      15_000,
    );
    expect(after.trusted).toBe(true);
    expect(after.certificate).not.toBe(before.certificate);
    await project.mustOps("tls", ["renew", "--force"]);
    expect((await served(acme.root)).certificate).toBe(after.certificate);
    expect(readFileSync(join(project.dir, "tls/edge/server.crt"), "utf8")).toContain(after.certificate);
  });

  it("PROD-7 the challenge folder shows nothing else, and a name of another site gets no answer in it", async () => {
    const { project } = opened();
    const ask = (path: string, host = name) => project.plain().call(path, { headers: { host } });
    expect((await ask("/.well-known/acme-challenge/nothing")).status).toBe(404);
    expect((await ask("/.well-known/acme-challenge/../../maintenance")).status).toBe(308);
    expect((await ask("/.well-known/acme-challenge/nothing", "evil.example")).status).toBe(421);
    expect((await ask("/")).status).toBe(308);
  });
});
