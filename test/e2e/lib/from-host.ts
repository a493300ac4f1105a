import { createConnection } from "node:net";

import { must } from "./run.ts";

/**
 * Does this address take a connection from the host? False where no bridge of this host leads there: connecting all the same would only ask the
 * host's own gateway, and some of those take every connection.
 */
export async function opensFromHost(address: string, port: number): Promise<boolean> {
  const route = await must("ip", ["-4", "route", "get", address]);
  return / dev (br-|docker)/.test(route) && connects(address, port);
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 700 });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket
      .once("connect", () => end(true))
      .once("error", () => end(false))
      .once("timeout", () => end(false));
  });
}
