import { createHash } from "node:crypto";
import { type Platform, QUOTING_HELPERS } from "@breakwater/engine";
import { specs } from "built:templates";
import Runtime from "handlebars/runtime.js";

/** Finds the precompiled form of each template; only the small runtime of handlebars is loaded. */
export function builtPlatform(): Platform {
  // Its types describe only the whole library.
  const runtime = (Runtime as unknown as typeof Handlebars).create();
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
