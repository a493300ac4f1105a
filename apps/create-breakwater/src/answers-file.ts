import { readFileSync } from "node:fs";
import type { Problem, RawAnswers } from "@breakwater/model";

export type ReadAnswers = { readonly ok: true; readonly raw: RawAnswers } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Answers from a YAML or JSON file (`-` is standard input): name, stack, options. Codes: `config-unreadable`, `config-invalid`. */
export async function readAnswersFile(file: string): Promise<ReadAnswers> {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    return {
      ok: false,
      problems: [
        {
          code: "config-unreadable",
          at: file,
          message: error instanceof Error ? error.message : String(error),
          hint: "--config FILE, or - for standard input",
        },
      ],
    };
  }
  const { LineCounter, parseDocument, isMap, isScalar } = await import("yaml");
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const invalid = (line: number, message: string, hint: string): Problem => ({ code: "config-invalid", at: `${file}:${line}`, message, hint });
  if (document.errors.length > 0)
    return {
      ok: false,
      problems: document.errors.map((error) =>
        invalid(
          counter.linePos(error.pos[0]).line,
          (error.message.split("\n")[0] ?? "").replace(/ at line .*$/, ""),
          "YAML or JSON, as in .breakwater/answers.yaml of a project",
        ),
      ),
    };
  const shape = "name: my-app, stack: ID, options: {key: value}";
  if (!isMap(document.contents)) return { ok: false, problems: [invalid(1, "the file holds no map", shape)] };
  const problems = document.contents.items.flatMap((pair): Problem[] => {
    const key = isScalar(pair.key) ? String(pair.key.value) : "?";
    const line = isScalar(pair.key) && pair.key.range ? counter.linePos(pair.key.range[0]).line : 1;
    if (!["name", "stack", "options"].includes(key)) return [invalid(line, `'${key}' is no answer`, shape)];
    if (key === "options" && !isMap(pair.value)) return [invalid(line, "options must be a map", shape)];
    return [];
  });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, raw: document.toJS() as RawAnswers };
}
