/** First and last address of a private IPv4 network in CIDR form, or undefined when it is none (RFC 1918; /8 to /29). */
export function parseSubnet(cidr: string): readonly [number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  if (match === null) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const bits = Number(match[5]);
  if (octets.some((octet) => octet > 255) || bits < 8 || bits > 29) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const count = 2 ** (32 - bits);
  if (first % count !== 0) return undefined;
  const range = [first, first + count - 1] as const;
  const inside = PRIVATE.some(([from, to]) => from <= range[0] && range[1] <= to);
  return inside ? range : undefined;
}

const PRIVATE: readonly (readonly [number, number])[] = [
  [0x0a000000, 0x0affffff],
  [0xac100000, 0xac1fffff],
  [0xc0a80000, 0xc0a8ffff],
];

export function overlaps(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] <= b[1] && b[0] <= a[1];
}
