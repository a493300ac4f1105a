import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * pnpm plop: the start of a stack or a part, from generators/. It is valid as it stands; every key has a comment.
 * Without questions: pnpm plop stack my-stack "My stack" "What it is, in one sentence."
 */
// oxlint-disable-next-line import/no-default-export -- plop loads nothing else
export default function plopfile(plop) {
  const templates = join(plop.getDestBasePath(), "templates");
  // Handlebars writes nothing for a name it does not know: a typo in a generator would be a hole in a manifest.
  plop.setHelper("helperMissing", (...args) => {
    throw new Error(`a generator names '${args.at(-1).name}', which nobody asks`);
  });
  // JSON is YAML: whatever a person types stays one string.
  plop.setHelper("quoted", (text) => JSON.stringify(text));

  plop.setGenerator("stack", {
    description: "a new stack: templates/<id>, with two small services behind the edge",
    prompts: [
      askId("stack", "Id of the stack (what --stack will take):", (id) => (id === "parts" ? templates : join(templates, id))),
      askText("title", "Title (Django + PostgreSQL):"),
      askText("summary", "What is it, in one sentence?"),
    ],
    actions: [
      (answers) => write("stack", join(templates, answers.id), answers, plop),
      ({ id }) => `next: pnpm install, pnpm play --stack ${id}, then edit templates/${id}/stack.yaml (docs/authoring.md)`,
    ],
  });

  plop.setGenerator("part", {
    description: "a new part: templates/parts/<id>, with one service that calls the API",
    prompts: [
      askId("part", "Id of the part (what stacks list under parts:):", (id) => join(templates, "parts", id)),
      askText("summary", "What does it bring, in one sentence?"),
    ],
    actions: [
      (answers) => write("part", join(templates, "parts", answers.id), { ...answers, variable: answers.id.replaceAll("-", "_").toUpperCase() }, plop),
      ({ id }) => `next: list ${id} under parts: of a stack, then pnpm play (docs/authoring.md)`,
    ],
  });
}

function askId(kind, message, folderOf) {
  // The schema is the one place that says what an id may be.
  const schema = JSON.parse(readFileSync(join(here, `packages/model/schemas/${kind}.schema.json`), "utf8"));
  const pattern = new RegExp(schema.properties[kind].pattern);
  const validate = (id) => {
    if (!pattern.test(id)) return `'${id}' cannot be the id of a ${kind}: a-z, 0-9 and -, starting with a letter, at most 63`;
    return existsSync(folderOf(id)) ? `'${id}' is taken: ${folderOf(id)} exists` : true;
  };
  return { type: "input", name: "id", message, validate };
}

function askText(name, message) {
  // The sentence also becomes a `why`, which the schema wants to have 8 characters.
  const least = name === "summary" ? 8 : 1;
  const validate = (text) => text.trim().length >= least || `${name}: ${least === 1 ? "say something" : `a sentence of ${least} characters or more`}`;
  return { type: "input", name, message, validate };
}

/**
 * Writes generators/<kind>: `.hbs` files are rendered, everything else is copied, `__id__` in a path is the id.
 * Plop's own actions render without asking and leave half behind on failure; here the folder appears whole or not at all.
 */
function write(kind, target, answers, plop) {
  const stage = join(dirname(target), `.${answers.id}.new`);
  rmSync(stage, { recursive: true, force: true });
  try {
    for (const path of filesBelow(join(here, "generators", kind))) {
      const source = join(here, "generators", kind, path);
      const to = join(stage, path.replaceAll("__id__", answers.id).replace(/\.hbs$/, ""));
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, path.endsWith(".hbs") ? plop.renderString(readFileSync(source, "utf8"), answers) : readFileSync(source));
      chmodSync(to, statSync(source).mode & 0o111 ? 0o755 : 0o644);
    }
    renameSync(stage, target);
  } catch (error) {
    rmSync(stage, { recursive: true, force: true });
    throw error;
  }
  return `wrote ${target}`;
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
