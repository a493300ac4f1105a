/** dclint's rules, every one an error unless a reason stands here. 0 is off, 2 an error. */
type Level = 0 | 2;
type Rules = Readonly<Record<string, Level | [Level, Record<string, unknown>]>>;

const ALL: Rules = {
  "no-duplicate-container-names": 2,
  "no-duplicate-exported-ports": 2,
  "no-quotes-in-volumes": 2,
  "no-unbound-port-interfaces": 2,
  "no-version-field": 2,
  "require-project-name-field": 2,
  // Double quotes, as everywhere in what is emitted.
  "require-quotes-in-ports": [2, { quoteType: "double" }],
  "service-container-name-regex": 2,
  "service-dependencies-alphabetical-order": 2,
  "service-image-require-explicit-tag": 2,
  "service-ports-alphabetical-order": 2,
  // `image` beside `build` is the name of what is built: one image for API, worker and migrations.
  "no-build-and-image": 0,
  // The order is for a reader: what a service is, who it talks to, what it may write, its limits.
  "service-keys-order": 0,
  // The edge comes first, as a request does; then the application, then what keeps its data.
  "services-alphabetical-order": 0,
  // The rule wants the anchors by name and above the project's name; they stand by how much hangs on them.
  "top-level-properties-order": 0,
};

/** The three files in their order, each with what is different in it. */
export const DCLINT_RULES: Readonly<Record<string, Rules>> = {
  "compose.yaml": ALL,
  // An overlay has the name of the file below it.
  "compose.override.yaml": { ...ALL, "require-project-name-field": 0 },
  // The edge is for the world: its two ports stand on every interface, and a render test sees that no other one does.
  "compose.production.yaml": { ...ALL, "require-project-name-field": 0, "no-unbound-port-interfaces": 0 },
};
