import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

import type { Asked, Said } from "./fake-shop.ts";

const TYPES: Readonly<Record<string, string>> = { ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html" };
const POLICIES = join(import.meta.dirname, "../../templates/parts/nginx-edge/files/nginx/common/policies.conf");

/** The edge's own content policy, as nginx sends it. */
const policy = /"" "([^"]+)"/.exec(readFileSync(POLICIES, "utf8"))?.[1] ?? "";

/** A built frontend and an API on one port of loopback, under the policy of the edge. */
export async function serve(dist: string, api: { answer: (asked: Asked) => Said }): Promise<{ readonly base: string; readonly close: () => void }> {
  if (policy === "") throw new Error(`no policy found in ${POLICIES}`);
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://walk");
    response.setHeader("Content-Security-Policy", policy);
    if (!url.pathname.startsWith("/api/v1/")) {
      const { body, type } = fileOf(dist, url.pathname);
      response.writeHead(200, { "content-type": type }).end(body);
      return;
    }
    const said = api.answer({
      method: request.method ?? "GET",
      path: url.pathname.slice("/api/v1".length),
      query: url.searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body: await bodyOf(request),
    });
    if (said.lost === true) return void request.socket.destroy();
    await new Promise((wake) => setTimeout(wake, said.afterMs ?? 0));
    const type = said.status >= 400 ? "application/problem+json" : "application/json";
    response.writeHead(said.status, { "content-type": type, ...(said.cookies === undefined ? {} : { "set-cookie": [...said.cookies] }) });
    response.end(said.body === undefined ? undefined : JSON.stringify(said.body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A page of the application has no extension and is the start page, as the frontend's nginx has it. */
function fileOf(dist: string, path: string): { readonly body: Buffer; readonly type: string } {
  const name = extname(path) === "" || path.includes("..") ? "/index.html" : path;
  return { body: readFileSync(join(dist, name)), type: TYPES[extname(name)] ?? "application/octet-stream" };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}
