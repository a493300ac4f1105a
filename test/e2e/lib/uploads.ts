import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { Person } from "../apps/application.ts";
import type { Project } from "./project.ts";

export interface Uploaded {
  readonly status: number;
  readonly text: string;
  readonly type: string;
  readonly sha256: string;
}

/** Sends a body of so many bytes as it is made, a piece at a time; what is uploaded is never held whole here either. */
export async function upload(project: Project, path: string, person: Person, bytes: number, first: Buffer): Promise<Uploaded> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(1 << 20, "what is in this file does not matter to anybody, as long as it comes back the same\n");
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port: project.ports.https,
        servername: "localhost",
        ca: readFileSync(join(project.dir, "tls/ca.crt")),
        path,
        method: "POST",
        headers: {
          host: `localhost:${project.ports.https}`,
          origin: `https://localhost:${project.ports.https}`,
          ...person.headers,
          "content-type": "application/octet-stream",
          "content-length": String(bytes),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            type: String(response.headers["content-type"]),
            sha256: hash.digest("hex"),
          }),
        );
      },
    );
    asked.setTimeout(300_000, () => asked.destroy(new Error("no answer in 300 s")));
    asked.on("error", reject);
    let left = bytes;
    const send = (): void => {
      while (left > 0) {
        const part = (left === bytes ? Buffer.concat([first, piece]) : piece).subarray(0, left);
        left -= part.length;
        hash.update(part);
        if (!asked.write(part)) {
          asked.once("drain", send);
          return;
        }
      }
      asked.end();
    };
    send();
  });
}

/** SHA-256 of what a path answers, read as it comes. */
export async function download(project: Project, path: string, person: Person): Promise<{ readonly status: number; readonly sha256: string }> {
  const hash = createHash("sha256");
  const where = { host: "127.0.0.1", port: project.ports.https, servername: "localhost", ca: readFileSync(join(project.dir, "tls/ca.crt")) };
  return new Promise((resolve, reject) => {
    const headers = { host: `localhost:${project.ports.https}`, ...person.headers };
    request({ ...where, path, headers }, (response) => {
      response.on("data", (chunk: Buffer) => hash.update(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, sha256: hash.digest("hex") }));
    })
      .on("error", reject)
      .end();
  });
}

/** The most memory of its own (not of the page cache) that each service had while `work` ran, in MiB; looked at twice a second. */
export async function memoryDuring<T>(project: Project, services: readonly string[], work: () => Promise<T>) {
  const ids = await project.containers();
  const most = new Map(services.map((service) => [service, own(ids.get(service) ?? "")]));
  const before = new Map(most);
  const over = new AbortController();
  const watch = (async () => {
    while (!over.signal.aborted) {
      for (const service of services) most.set(service, Math.max(most.get(service) ?? 0, own(ids.get(service) ?? "")));
      await wait(500);
    }
  })();
  try {
    return { result: await work(), before, most };
  } finally {
    over.abort();
    await watch;
  }
}

function own(id: string): number {
  for (const [file, key] of [
    [`/sys/fs/cgroup/memory/docker/${id}/memory.stat`, "total_rss"],
    [`/sys/fs/cgroup/system.slice/docker-${id}.scope/memory.stat`, "anon"],
  ] as const) {
    try {
      const bytes = Number(new RegExp(`^${key} (\\d+)$`, "m").exec(readFileSync(file, "utf8"))?.[1]);
      // A tmpfs counts as shared memory: a body that were kept there would be no page cache that goes away.
      const shared = Number(/^(?:total_)?shmem (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0);
      return Math.round((bytes + shared) / (1 << 20));
    } catch {
      continue;
    }
  }
  throw new Error(`the memory of the container ${id} is in no control group that this suite knows`);
}
