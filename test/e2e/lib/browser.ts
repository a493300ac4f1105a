import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

import type { Person } from "../apps/application.ts";
import type { Project } from "./project.ts";
import { which } from "./run.ts";

/** The key of a certificate, as --ignore-certificate-errors-spki-list wants it: this one is trusted, and no other. */
function spkiOf(certificate: string): string {
  const script = 'openssl x509 -in "$0" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64';
  return execFileSync("sh", ["-c", script, certificate], { encoding: "utf8" }).trim();
}

/** The Chromium of this host; without one it throws, with what to install. */
export async function chromiumHere(): Promise<string> {
  const found = await which("chromium", "chromium-browser", "google-chrome");
  if (found === undefined) throw new Error("no Chromium on this host, in which these tests open pages; on Debian, as root: apt-get install chromium");
  return found;
}

/**
 * A browser in a network of its own, with a loopback interface and this project's edge on it, through a socket file.
 * On the host's network it would give up what it loads whenever a container somewhere comes or goes (ERR_NETWORK_CHANGED).
 */
export async function openBrowser(project: Project): Promise<{ readonly context: BrowserContext; readonly close: () => Promise<void> }> {
  const executable = await chromiumHere();
  const home = mkdtempSync(join(tmpdir(), "breakwater-browser-"));
  const socket = join(home, "edge.sock");
  const port = project.ports.https;
  const outside = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    from.on("error", () => to.destroy());
    to.on("error", () => from.destroy());
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((listening) => outside.listen(socket, listening));
  const args = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    `--ignore-certificate-errors-spki-list=${spkiOf(join(project.dir, "tls/edge/server.crt"))}`,
  ];
  const context = await chromium.launchPersistentContext(join(home, "profile"), {
    executablePath: join(import.meta.dirname, "../browser/start"),
    env: { ...process.env, BROWSER: executable, NODE: process.execPath, EDGE_SOCKET: socket, EDGE_PORT: String(port) } as Record<string, string>,
    args,
    timeout: 120_000,
  });
  return {
    context,
    close: async () => {
      await context.close();
      outside.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What this browser opens from now on, it opens as this person. */
export async function signIn(context: BrowserContext, person: Person): Promise<void> {
  const cookies = (person.headers["cookie"] ?? "").split("; ").map((cookie) => cookie.split("=", 2) as [string, string]);
  await context.addCookies(cookies.map(([name, value]) => ({ name, value, domain: "localhost", path: "/", secure: true, sameSite: "Lax" as const })));
}
