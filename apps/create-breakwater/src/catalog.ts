import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Platform } from "@breakwater/engine";
import type { Catalog } from "@breakwater/model";

/** The catalog this build carries: manifests were checked when it was made. */
export function builtCatalog(): Catalog {
  return JSON.parse(readFileSync(new URL("catalog.json", import.meta.url), "utf8")) as Catalog;
}

/** Finds the precompiled form of each template; only the small runtime of handlebars is loaded. */
export async function builtPlatform(): Promise<Platform> {
  const [{ default: Handlebars }, { specs }, { QUOTING_HELPERS }] = await Promise.all([
    import("handlebars/runtime.js") as unknown as Promise<{ readonly default: typeof import("handlebars") }>,
    import("built:templates"),
    import("@breakwater/engine"),
  ]);
  const runtime = Handlebars.create();
  for (const [name, helper] of Object.entries(QUOTING_HELPERS)) runtime.registerHelper(name, helper);
  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const renderer: Platform["renderer"] = (key) => {
    const spec = specs[key];
    if (spec === undefined) throw new Error(`no template '${key}' in this build`);
    const template = runtime.template(spec as TemplateSpecification);
    return (context) => template(context);
  };
  return { renderer, sha256 };
}
