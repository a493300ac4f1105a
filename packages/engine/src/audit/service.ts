import type { Merged } from "./load/compose.ts";
import { entryOf, type Entry, textOf, type Tree, valueAt } from "./load/tree.ts";
import type { AuditInput, AuditRecord, Place } from "./words.ts";

/** What a rule looks at: one service of one merged configuration. */
export interface ServiceView {
  readonly name: string;
  readonly tree: Tree;
  readonly key: Place;
  readonly root: Tree;
  readonly mode: "production" | "development";
  readonly input: AuditInput;
  readonly record: AuditRecord | undefined;
}

export function viewsOf(merged: Merged, input: AuditInput): readonly ServiceView[] {
  return [...merged.services].map(([name, entry]: [string, Entry]) => ({
    name,
    tree: entry.value,
    key: entry.key,
    root: merged.root,
    mode: merged.configuration.mode,
    input,
    record: input.record,
  }));
}

/** The places of a chain of keys, narrowest first, the service itself last. Ends at the deepest key that is there. */
export function placesOf(view: ServiceView, ...keys: readonly string[]): readonly Place[] {
  const places: Place[] = [view.key];
  let tree: Tree | undefined = view.tree;
  for (const key of keys) {
    const entry = entryOf(tree, key);
    if (entry === undefined) break;
    places.unshift(entry.key);
    tree = entry.value;
  }
  return places;
}

/** A command, entrypoint or health test as words; a text is what a shell gets. */
export function wordsOf(tree: Tree | undefined): readonly string[] {
  if (tree?.kind === "list") return tree.items.flatMap((item) => textOf(item) ?? []);
  const text = textOf(tree);
  return text === undefined ? [] : [text];
}

/** One port of a `ports:` entry; the host port is undefined where the engine picks one. */
export interface PublishedPort {
  readonly address: string;
  readonly host: number | undefined;
  readonly container: number;
  readonly protocol: string;
  readonly at: Place;
}

/** Ports in either form, each of a range on its own. */
export function portsOf(view: ServiceView): readonly PublishedPort[] {
  const list = valueAt(view.tree, "ports");
  return (list?.kind === "list" ? list.items : []).flatMap((item): readonly PublishedPort[] => {
    if (item.kind === "map") {
      const text = (key: string) => textOf(valueAt(item, key)) ?? "";
      return expand(item.at, text("host_ip"), text("published"), text("target"), text("protocol"));
    }
    const [, address = "", host = "", container = "", protocol = ""] =
      /^(?:(\[[^\]]+\]|\d+(?:\.\d+){3}):)?(?:(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(\w+))?$/.exec(textOf(item) ?? "") ?? [];
    return expand(item.at, address, host, container, protocol);
  });
}

function expand(at: Place, address: string, host: string, container: string, protocol: string): readonly PublishedPort[] {
  const [hosts, containers] = [range(host), range(container)];
  return Array.from({ length: Math.max(hosts.length, containers.length) }, (_, index) => ({
    address,
    host: hosts[index] ?? hosts.at(-1),
    container: containers[index] ?? containers.at(-1) ?? 0,
    protocol: protocol === "" ? "tcp" : protocol,
    at,
  })).filter((port) => port.container !== 0);
}

function range(text: string): readonly number[] {
  const [from = Number.NaN, to = from] = text.split("-").map(Number);
  return Number.isInteger(from) && Number.isInteger(to) && to >= from && to < 65_536
    ? Array.from({ length: to - from + 1 }, (_, index) => from + index)
    : [];
}

/** The networks of a service by the names of the Compose file. Without a list it is on `default`. */
export function networksOf(view: ServiceView): readonly string[] {
  if (textOf(valueAt(view.tree, "network_mode")) !== undefined) return [];
  const networks = valueAt(view.tree, "networks");
  return networks?.kind === "map" ? [...networks.entries.keys()] : ["default"];
}

/** The image's name without registry and tag, lower case: `postgres`, `nginx`. */
export function imageName(view: ServiceView): string {
  const image = textOf(valueAt(view.tree, "image")) ?? "";
  return (image.split("@")[0]?.split("/").at(-1)?.split(":")[0] ?? "").toLowerCase();
}

/** True for what runs once and ends, by its restart policy: it serves nothing, so nobody waits for its health. */
export function runsOnce(view: ServiceView): boolean {
  const restart = textOf(valueAt(view.tree, "restart"));
  return restart === "no" || restart === "false" || restart?.startsWith("on-failure") === true;
}
