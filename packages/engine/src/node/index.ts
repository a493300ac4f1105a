export { loadCatalog } from "./load-catalog.ts";
export * from "./write.ts";
