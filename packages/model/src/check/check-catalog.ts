import { type OptionValue } from "../plan.ts";
import { optionsOf, nearest, parseOption } from "../answers.ts";
import { type Catalog, type Source, placeOf, pointerTo } from "../catalog.ts";
import type { Problem } from "../problem.ts";
import type { PartManifest, StackManifest } from "../schema/index.ts";

/** Problems of the manifests themselves, before any answer: unknown parts, conditions on options that nobody asks, defaults that are no value. */
export function checkCatalog(catalog: Catalog): readonly Problem[] {
  return Object.entries(catalog.stacks).flatMap(([id, stack]) => {
    const unknown = stack.manifest.parts.flatMap((part, index): Problem[] =>
      part in catalog.parts
        ? []
        : [
            {
              code: "part-unknown",
              at: placeOf(stack, `/parts/${index}`),
              message: `${id} uses the part '${part}', which does not exist`,
              hint: nearest(part, Object.keys(catalog.parts)),
            },
          ],
    );
    const options = optionsOf(catalog, id);
    const sources: readonly Source<PartManifest | StackManifest>[] = [stack, ...stack.manifest.parts.flatMap((part) => catalog.parts[part] ?? [])];
    const values = Object.entries(options).flatMap(([key, option]): Problem[] =>
      parseOption(option, option.default) === undefined
        ? [
            {
              code: "option-invalid",
              at: placeOf(stack, `/options/${key}`),
              message: `the default '${String(option.default satisfies OptionValue)}' of ${key} is no value of it`,
              hint: "make the default one of the values",
            },
          ]
        : [],
    );
    return [
      ...unknown,
      ...values,
      ...standing(stack),
      ...sources.flatMap((source) => [...conditions(source, Object.keys(options)), ...pages(source)]),
    ];
  });
}

/** What is said of a part that is none of this stack, or one name twice. */
function standing(stack: Source<StackManifest>): readonly Problem[] {
  return Object.entries(stack.manifest.stands).flatMap(([part, { as = [] }]): Problem[] => {
    const at = placeOf(stack, `/stands/${part}`);
    const twice = as.find((name, index) => as.indexOf(name) !== index);
    return [
      ...(stack.manifest.parts.includes(part)
        ? []
        : [
            {
              code: "part-unknown",
              at,
              message: `stands: says something of '${part}', which is none of its parts`,
              hint: nearest(part, stack.manifest.parts),
            },
          ]),
      ...(twice === undefined ? [] : [{ code: "stands-twice", at, message: `${part} stands twice as '${twice}'`, hint: "give each its own name" }]),
    ];
  });
}

/** Each page below docs/ is in the index of the project's documents, and each line of the index has its page. */
function pages(source: Source<PartManifest | StackManifest>): readonly Problem[] {
  const listed = Object.keys(source.manifest.pages);
  const brought = source.files.map((file) => file.path.replace(/\.hbs$/, "")).filter((path) => /^docs\/.+\.md$/.test(path));
  return [
    ...listed
      .filter((path) => !brought.includes(path))
      .map((path): Problem => ({
        code: "page-missing",
        at: placeOf(source, pointerTo("pages", path)),
        message: `the page ${path} does not exist`,
        hint: nearest(path, brought),
      })),
    ...brought
      .filter((path) => !listed.includes(path))
      .map((path): Problem => ({
        code: "page-unlisted",
        at: placeOf(source, "/pages"),
        message: `nobody finds ${path}: it is not in the index of the documents`,
        hint: `under pages: "${path}: what it answers"`,
      })),
  ];
}

function conditions(source: Source<PartManifest | StackManifest>, known: readonly string[]): readonly Problem[] {
  const { manifest } = source;
  const found: [string, string | undefined][] = [
    ["/when", manifest.when],
    ...("stands" in manifest
      ? Object.entries(manifest.stands).map(([part, { when }]): [string, string | undefined] => [`/stands/${part}/when`, when])
      : []),
    ...Object.entries(manifest.options).map(([key, option]): [string, string | undefined] => [`/options/${key}`, option.askedWhen]),
    ...Object.entries(manifest.services).flatMap(([name, service]): [string, string | undefined][] => [
      [`/services/${name}`, service.when],
      ...service.routes.map((route, index): [string, string | undefined] => [`/services/${name}/routes/${index}`, route.when]),
      ...service.additions.map((addition, index): [string, string | undefined] => [`/services/${name}/additions/${index}`, addition.when]),
    ]),
    ...Object.entries(manifest.secrets).map(([name, secret]): [string, string | undefined] => [`/secrets/${name}`, secret.when]),
    ...Object.entries(manifest.volumes).map(([name, volume]): [string, string | undefined] => [`/volumes/${name}`, volume.when]),
    ...manifest.verbs.add.map((rule, index): [string, string | undefined] => [`/verbs/add/${index}`, rule.when]),
    ...manifest.files.map((file, index): [string, string | undefined] => [`/files/${index}`, file.when]),
    ...manifest.controls.map((control, index): [string, string | undefined] => [`/controls/${index}`, control.when]),
    ...Object.entries(manifest.secrets).map(([name, secret]): [string, string | undefined] => [`/secrets/${name}`, secret.when]),
    ...Object.entries(manifest.variables).map(([name, variable]): [string, string | undefined] => [`/variables/${name}`, variable.when]),
  ];
  return found.flatMap(([pointer, condition]) => {
    const key = condition?.replace(/^!/, "").split("=")[0];
    if (key === undefined || known.includes(key)) return [];
    return [
      {
        code: "option-unknown",
        at: placeOf(source, pointer),
        message: `'when: ${condition}' asks for the option '${key}', which nobody asks`,
        hint: nearest(key, known),
      },
    ];
  });
}
