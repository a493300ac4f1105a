// Inside the browser's network: what is sent to EDGE_PORT on loopback goes out through EDGE_SOCKET. Ends with the browser.
import { connect, createServer } from "node:net";

const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 500);
createServer((from) => {
  const to = connect(process.env.EDGE_SOCKET);
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
  from.pipe(to).pipe(from);
}).listen(Number(process.env.EDGE_PORT), "127.0.0.1");
