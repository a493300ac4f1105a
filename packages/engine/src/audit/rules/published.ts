import { portsOf, type PublishedPort, type ServiceView } from "../service.ts";
import { valueAt, textOf } from "../load/tree.ts";
import type { Found } from "../words.ts";

/** Ports on which the world expects a web server; anything else on every address needs a reason. */
const WEB = new Set([80, 443]);

/** One finding an entry: a range is one decision, and one line to mend. */
export function publishedPorts(view: ServiceView): readonly Found[] {
  const told = new Map<PublishedPort["at"], Found>();
  for (const port of portsOf(view)) for (const found of publishedPort(view, port)) if (!told.has(port.at)) told.set(port.at, found);
  return [...told.values()];
}

function publishedPort(view: ServiceView, port: PublishedPort): readonly Found[] {
  const record = view.record;
  return [port].flatMap((port): Found[] => {
    const at = [port.at, view.key];
    const shown = `${port.host ?? "any port"} → ${port.container}`;
    if (record !== undefined) {
      const known = record.services.some(({ name }) => name === view.name);
      const scopes = view.mode === "production" ? ["production", "base"] : ["development", "base"];
      const planned = record.published.some(
        ({ service, scope, container }) => service === view.name && container === port.container && scopes.includes(scope),
      );
      if (!planned)
        return [
          {
            rule: "published-port",
            at,
            message: `${view.name} publishes ${shown} in ${view.mode}, which the plan does not${known ? "" : " know of"}`,
          },
        ];
    }
    if (isLoopback(port)) return [];
    if (view.mode === "development" && record !== undefined)
      return [
        {
          rule: "published-port",
          at,
          message: `${view.name} publishes ${shown} on every address in development`,
          hint: `"127.0.0.1:${port.host ?? port.container}:${port.container}"`,
        },
      ];
    if (record !== undefined || (port.host !== undefined && WEB.has(port.host))) return [];
    return [
      {
        rule: "published-port",
        at,
        message: `${view.name} publishes ${shown} on every address of the host, past its firewall`,
        hint: `"127.0.0.1:${port.host ?? port.container}:${port.container}" for yourself; for others let a proxy on 80 and 443 pass it on`,
      },
    ];
  });
}

export function hostNamespaces(view: ServiceView): readonly Found[] {
  const keys = [
    ["network_mode", "host", "the host's network: every port of it is open, segments mean nothing"],
    ["pid", "host", "the host's processes: it can see and signal all of them"],
    ["ipc", "host", "the host's shared memory"],
    ["uts", "host", "the host's name"],
    ["userns_mode", "host", "the host's users: the engine's user mapping is off for it"],
    ["cgroup", "host", "the host's control groups"],
  ] as const;
  return keys.flatMap(([key, value, message]) => {
    const written = valueAt(view.tree, key);
    return textOf(written) === value
      ? [{ rule: "host-namespace", at: [written?.at ?? view.key, view.key], message: `${view.name} shares ${message}` }]
      : [];
  });
}

function isLoopback({ address }: PublishedPort): boolean {
  return address.startsWith("127.") || address === "[::1]" || address === "::1";
}
