import { isIP, isIPv4 } from "node:net";

/** The address of the client, as our own proxy tells it: what stands further left in the header, a client can forge. */
export function clientAddress(remote: string, forwarded: string | undefined, proxies: number): string {
  const entries = (forwarded ?? "").split(",").map((entry) => entry.trim());
  const told = proxies < 1 ? undefined : entries.at(-proxies);
  return told !== undefined && isIP(told) !== 0 ? told : remote;
}

/** One IPv6 customer owns a /64, so that is what is counted as one client. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  if (isIP(address) !== 6) return isIPv4(address) ? address : "unknown";
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head.split(":").filter((group) => group !== "");
  const right = (tail ?? "").split(":").filter((group) => group !== "");
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(":")}::/64`;
}
