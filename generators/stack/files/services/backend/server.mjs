import { createServer } from "node:http";

const version = process.env.APP_VERSION ?? "dev";
// Names that resolve on the callers' network alone, and this container itself for its health check.
const hosts = [...(process.env.LISTEN_HOST ?? "0.0.0.0").split(","), "127.0.0.1"];

const servers = (hosts.includes("0.0.0.0") ? ["0.0.0.0"] : hosts).map((host) => createServer(answer).listen(8000, host));

// Docker sends SIGTERM and waits; requests that run are answered first.
process.on("SIGTERM", () => servers.forEach((server) => server.close()));

function answer(request, response) {
  const found = request.url === "/api/health";
  response.writeHead(found ? 200 : 404, { "content-type": found ? "application/json" : "application/problem+json" });
  response.end(JSON.stringify(found ? { status: "healthy", version } : { type: "about:blank", title: "Not Found", status: 404 }));
}
