import { type Tree, textOf, textsOf, valueAt } from "../load/tree.ts";
import { resolvePath } from "../load/compose.ts";
import { placesOf, type ServiceView } from "../service.ts";
import type { AuditInput, Found, Place } from "../words.ts";

const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASS|PWD|SECRET|SECRETS|TOKEN|APIKEY|API_KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|ENCRYPTION_KEY|CREDENTIALS?|PASSPHRASE|KEY_BASE|PAT)$/;
/** `scheme://user:password@host`, the password not empty. */
const URL_WITH_PASSWORD = /\b[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i;
const SECRET_FLAG = /^--?(requirepass|masterauth|password|passwd|pass|secret|token|api-?key)(?:=(.+))?$/i;
const FLAG_IN_TEXT =
  /(?:^|\s)--?(requirepass|masterauth|password|passwd|pass|secret|token|api-?key)[= ]+(?!["']?\$\(cat|["']?\/run\/secrets)["']?[^\s"'-]/i;

/** A value that is not itself secret: empty, a path, a switch or a word that says there is none. */
function harmless(value: string): boolean {
  return value === "" || /^(\/|true$|false$|yes$|no$|on$|off$|none$|null$|[01]$)/i.test(value);
}

export function secretsInEnvironment(view: ServiceView): readonly Found[] {
  const environment = valueAt(view.tree, "environment");
  const own = environment?.kind === "map" ? [...environment.entries].map(([name, entry]) => ({ name, value: entry.value, at: entry.key })) : [];
  const found = own.flatMap(({ name, value, at }): Found[] => {
    const text = textOf(value);
    // A name without a value is passed on from whoever starts Compose.
    // A variable may be empty here and hold the secret where it runs.
    const comes = value.kind === "scalar" && value.filled === true && text === "" ? undefined : text;
    if (!carriesSecret(name, comes)) return [];
    return [
      {
        rule: "secret-in-environment",
        at: [at, ...placesOf(view, "environment")],
        message: `${view.name} gets ${name} as a variable: docker inspect, /proc and every child process show it`,
      },
    ];
  });
  const files = valueAt(view.tree, "env_file");
  const listed = files?.kind === "list" ? files.items : [];
  return [...found, ...listed.flatMap((one) => fromEnvFile(view, one))];
}

function fromEnvFile(view: ServiceView, item: Tree): readonly Found[] {
  const path = textOf(item.kind === "map" ? valueAt(item, "path") : item);
  const file = path === undefined ? undefined : resolvePath(item.at.file, path);
  const lines = file === undefined ? [] : (view.input.files.get(file)?.text.split("\n") ?? []);
  return lines.flatMap((line, index): Found[] => {
    const [, name = "", value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === "" || !carriesSecret(name, value.replace(/^(["'])(.*)\1$/, "$2"))) return [];
    return [
      {
        rule: "secret-in-environment",
        at: [{ file: file ?? "", line: index + 1 }, item.at, view.key],
        message: `${view.name} gets ${name} as a variable, by env_file: docker inspect, /proc and every child process show it`,
      },
    ];
  });
}

function carriesSecret(name: string, value: string | undefined): boolean {
  if (value !== undefined && URL_WITH_PASSWORD.test(value)) return true;
  return SECRET_NAME.test(name.toUpperCase()) && (value === undefined || !harmless(value));
}

export function secretsInCommands(view: ServiceView): readonly Found[] {
  const places = [["command"], ["entrypoint"], ["healthcheck", "test"]] as const;
  return places.flatMap((keys): Found[] => {
    const tree = valueAt(view.tree, ...keys);
    const words = tree?.kind === "list" ? tree.items : tree === undefined ? [] : [tree];
    const shown = words.some((word, index) => {
      const text = textOf(word) ?? "";
      const flag = SECRET_FLAG.exec(text);
      // A variable may be empty here and hold the secret where it runs.
      const empty = (tree: Tree | undefined) => tree?.kind === "scalar" && tree.filled === true;
      if (flag !== null) return flag[2] === undefined ? empty(words[index + 1]) || !harmless(textOf(words[index + 1]) ?? "") : !harmless(flag[2]);
      return (
        (empty(word) && /--?(requirepass|password|passwd|pass|secret|token)[= ]*["']?(\s|$)/i.test(text)) ||
        FLAG_IN_TEXT.test(text) ||
        URL_WITH_PASSWORD.test(text)
      );
    });
    if (!shown) return [];
    return [
      {
        rule: "secret-in-command",
        at: placesOf(view, ...keys),
        message: `${view.name}'s ${keys.join(".")} has a secret as an argument: every user of the host sees it in ps`,
      },
    ];
  });
}

export function secretsInBuilds(view: ServiceView): readonly Found[] {
  const args = valueAt(view.tree, "build", "args");
  if (args?.kind !== "map") return [];
  return [...args.entries].flatMap(([name, entry]): Found[] =>
    carriesSecret(name, entry.value.kind === "scalar" && entry.value.filled === true ? undefined : textOf(entry.value))
      ? [
          {
            rule: "secret-in-build",
            at: [entry.key, ...placesOf(view, "build", "args")],
            message: `${view.name} is built with ${name}: docker history shows build arguments for ever`,
          },
        ]
      : [],
  );
}

/** Against the recorded plan: a secret goes only where it is consumed. */
export function secretConsumers(view: ServiceView): readonly Found[] {
  const planned = view.record?.services.find(({ name }) => name === view.name);
  const list = valueAt(view.tree, "secrets");
  if (planned === undefined || list?.kind !== "list") return [];
  return list.items.flatMap((item): Found[] => {
    const name = textOf(item.kind === "map" ? valueAt(item, "source") : item);
    if (name === undefined || planned.secrets.includes(name)) return [];
    return [
      { rule: "secret-unplanned", at: [item.at, view.key], message: `${view.name} is given the secret ${name}, which the plan does not give it` },
    ];
  });
}

/** Secret files that git would take. */
export function secretFiles(root: Tree, input: AuditInput): readonly Found[] {
  const secrets = valueAt(root, "secrets");
  const { ignored } = input;
  if (secrets?.kind !== "map" || ignored === undefined) return [];
  return [...secrets.entries].flatMap(([name, entry]): Found[] => {
    const file = valueAt(entry.value, "file");
    const path = textOf(file);
    if (path === undefined || file === undefined) return [];
    const resolved = resolvePath(file.at.file, path);
    if (resolved.startsWith("/") || resolved.startsWith("..") || resolved.startsWith("~") || ignored.has(resolved)) return [];
    return [
      {
        rule: "secret-not-ignored",
        at: [file.at, entry.key],
        message: `git would take ${resolved}, the secret ${name}`,
        hint: `add /${resolved.split("/")[0] ?? resolved}/ to .gitignore`,
      },
    ];
  });
}

/** Paths of secret files below the project, for whoever asks git about them. */
export function secretPaths(root: Tree): readonly string[] {
  const secrets = valueAt(root, "secrets");
  if (secrets?.kind !== "map") return [];
  return [...secrets.entries].flatMap(([, entry]) => {
    const file = valueAt(entry.value, "file");
    return textsOf(file).map((path) => resolvePath(file?.at.file ?? "", path));
  });
}

const LITERAL = /^\s*(?:ENV|ARG)\s+(.*)$/i;

/** `ENV` and `ARG` lines with a value in them. */
export function secretsInDockerfile(file: string, text: string): readonly Found[] {
  return text.split("\n").flatMap((line, index): Found[] => {
    const rest = LITERAL.exec(line)?.[1];
    const at: Place[] = [{ file, line: index + 1 }];
    const pairs = rest === undefined ? [] : [...rest.matchAll(/([A-Za-z_]\w*)[= ]("[^"]*"|'[^']*'|\S+)/g)];
    return pairs.flatMap(([, name = "", value = ""]): Found[] =>
      carriesSecret(name, value.replace(/^(["'])(.*)\1$/, "$2")) && !value.includes("$")
        ? [{ rule: "secret-in-build", at, message: `the image carries ${name} in one of its layers` }]
        : [],
    );
  });
}
