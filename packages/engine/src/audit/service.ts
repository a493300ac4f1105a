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

/** Host address, host port and container port of a `ports:` entry; the host port is undefined where the engine picks one. */
export interface PublishedPort {
  readonly address: string;
  readonly host: number | undefined;
  readonly container: number;
  readonly protocol: string;
  readonly at: Place;
}

/** Ports in either form. A range gives its first port. */
export function portsOf(view: ServiceView): readonly PublishedPort[] {
  const list = valueAt(view.tree, "ports");
  return (list?.kind === "list" ? list.items : []).flatMap((item): PublishedPort[] => {
    if (item.kind === "map") {
      const published = textOf(valueAt(item, "published"));
      return [
        {
          address: textOf(valueAt(item, "host_ip")) ?? "",
          host: published === undefined || published === "" ? undefined : Number.parseInt(published, 10),
          container: Number.parseInt(textOf(valueAt(item, "target")) ?? "0", 10),
          protocol: textOf(valueAt(item, "protocol")) ?? "tcp",
          at: item.at,
        },
      ];
    }
    const [, address = "", host, container = "0", protocol = "tcp"] =
      /^(?:(\[[^\]]+\]|\d+(?:\.\d+){3}):)?(?:(\d+(?:-\d+)?)?:)?(\d+)(?:-\d+)?(?:\/(\w+))?$/.exec(textOf(item) ?? "") ?? [];
    return container === "0"
      ? []
      : [{ address, host: host === undefined ? undefined : Number.parseInt(host, 10), container: Number(container), protocol, at: item.at }];
  });
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
