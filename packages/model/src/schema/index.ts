export { optionSchema, partIncludeSchema, partSchema, stackIncludeSchema, stackSchema } from "./manifest.ts";
export type { OptionManifest, PartManifest, StackManifest } from "./manifest.ts";
export type { MountManifest, OverlayManifest, ServiceManifest } from "./service.ts";
