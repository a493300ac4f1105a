import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must, run, until, type Ran } from "./run.ts";

/** An ACME server (pebble) whose every name is this machine, and certbot as its client. */
export interface Acme {
  readonly root: string;
  readonly certbot: (...args: readonly string[]) => Promise<Ran>;
  readonly close: () => void;
}

export interface AcmePrograms {
  readonly pebble: string;
  readonly names: string;
  readonly certbot: string;
}

/** `port` and the three after it must be free; `http` is where the server looks for challenges. */
export async function startAcme(programs: AcmePrograms, dir: string, port: number, http: number): Promise<Acme> {
  mkdirSync(dir, { recursive: true });
  const key = join(dir, "pebble.key");
  const crt = join(dir, "pebble.crt");
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  await must("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, "-keyout", key, "-out", crt]);
  const config = {
    pebble: {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${port + 1}`,
      certificate: crt,
      privateKey: key,
      httpPort: http,
      tlsPort: port + 9000,
      ocspResponderURL: "",
      externalAccountBindingRequired: false,
    },
  };
  writeFileSync(join(dir, "pebble.json"), JSON.stringify(config));
  const running: ChildProcess[] = [];
  const begin = (command: string, args: readonly string[]) =>
    running.push(spawn(command, [...args], { stdio: "ignore", env: { ...process.env, PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0" } }));
  const off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", "", "-defaultIPv6", ""];
  // Named anew in its later versions.
  const dns = (await run(programs.names, ["-h"])).err.includes("-dnsserver") ? "-dnsserver" : "-dns01";
  begin(programs.names, [dns, `127.0.0.1:${port + 2}`, "-management", `127.0.0.1:${port + 3}`, "-defaultIPv4", "127.0.0.1", ...off]);
  begin(programs.pebble, ["-config", join(dir, "pebble.json"), "-dnsserver", `127.0.0.1:${port + 2}`]);
  const root = join(dir, "root.pem");
  const fetched = await until(
    () => run("curl", ["-fsS", "--cacert", crt, "-o", root, `https://127.0.0.1:${port + 1}/roots/0`]),
    (ran) => ran.code === 0,
    20_000,
  );
  if (fetched.code !== 0) throw new Error(`pebble does not answer: ${fetched.err}`);
  const own = ["config", "work", "logs"].flatMap((name) => [`--${name}-dir`, join(dir, name)]);
  const server = ["--non-interactive", "--server", `https://127.0.0.1:${port}/dir`];
  return {
    root,
    certbot: (...args) => run(programs.certbot, [...args, ...server, ...own], { env: { REQUESTS_CA_BUNDLE: crt }, timeout: 120_000 }),
    close: () => {
      for (const one of running) one.kill();
    },
  };
}
