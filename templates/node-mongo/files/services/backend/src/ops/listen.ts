import { createServer, type RequestListener, type Server } from "node:http";

/**
 * One HTTP server for each address. A name such as backend.app resolves on one network only, so the port is closed on all
 * the others.
 */
export async function listenOn(hosts: readonly string[], port: number, handler: RequestListener): Promise<readonly Server[]> {
  const all = hosts.includes("0.0.0.0") ? ["0.0.0.0"] : [...new Set(["127.0.0.1", ...hosts])];
  return Promise.all(all.map((host) => listen(host, port, handler)));
}

function listen(host: string, port: number, handler: RequestListener): Promise<Server> {
  const server = createServer(
    {
      // Longer than nginx keeps an idle connection to us (30 s): nginx is always the one to close it.
      keepAliveTimeout: 75_000,
      headersTimeout: 20_000,
      requestTimeout: 30_000,
    },
    handler,
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

/** Answers what has been asked, then closes; what still runs after `seconds` is cut off. */
export async function closeAll(servers: readonly Server[], seconds: number): Promise<void> {
  const cut = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), seconds * 1000);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  clearTimeout(cut);
}
