import { textOf, valueAt } from "../load/tree.ts";
import { placesOf, type ServiceView } from "../service.ts";
import type { Found, Place } from "../words.ts";

/** Tags that move by design. */
const MOVING =
  /^(latest|stable|edge|main|master|nightly|dev|lts|current|mainline|rolling|alpine|slim|bookworm|trixie|bullseye|noble|jammy|\d+)(-[a-z]+)*$/;

export function images(view: ServiceView): readonly Found[] {
  const image = textOf(valueAt(view.tree, "image"));
  // What is built here is named by the one who builds it.
  if (image === undefined || valueAt(view.tree, "build") !== undefined || builtBeside(view, image)) return [];
  const wrong = unpinned(image);
  return wrong === undefined ? [] : [{ rule: "image-unpinned", at: placesOf(view, "image"), message: `${view.name}: ${wrong}` }];
}

/** True where another service of the same configuration builds this image. */
function builtBeside(view: ServiceView, image: string): boolean {
  const services = valueAt(view.root, "services");
  if (services?.kind !== "map") return false;
  return [...services.entries.values()].some(({ value }) => valueAt(value, "build") !== undefined && textOf(valueAt(value, "image")) === image);
}

/** Every `FROM` that is no earlier stage. */
export function dockerfileImages(file: string, text: string): readonly Found[] {
  const stages = new Set<string>();
  const defaults = new Map<string, string>();
  return text.split("\n").flatMap((line, index): Found[] => {
    const arg = /^\s*ARG\s+(\w+)=(\S+)/i.exec(line);
    if (arg !== null) defaults.set(arg[1] ?? "", (arg[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from === null) return [];
    const written = (from[1] ?? "").replace(
      /\$\{?(\w+)(?::?-([^}]*))?\}?/g,
      (_, name: string, fallback: string | undefined) => defaults.get(name) ?? fallback ?? "",
    );
    const known = stages.has(written.toLowerCase()) || written === "scratch" || written === "";
    if (from[2] !== undefined) stages.add(from[2].toLowerCase());
    const wrong = known ? undefined : unpinned(written);
    const at: Place[] = [{ file, line: index + 1 }];
    return wrong === undefined ? [] : [{ rule: "image-unpinned", at, message: wrong }];
  });
}

function unpinned(image: string): string | undefined {
  if (image.includes("@sha256:")) return undefined;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  if (tag === undefined) return `${image} has no tag, so it is another image every month`;
  return MOVING.test(tag) ? `${image} moves: ${tag} is another image every month` : undefined;
}
