/** What the build puts in: the handlebars precompiler's output, and the package's version. */
declare module "built:templates" {
  export const specs: Readonly<Record<string, unknown>>;
}
declare module "built:version" {
  export const version: string;
}
