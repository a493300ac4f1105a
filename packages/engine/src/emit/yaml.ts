import { Alias, Document, isNode, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

/**
 * Small words to write YAML as a person would: comments where they belong, short lists on one line,
 * anchors for what is common. Strings are quoted wherever a YAML 1.1 reader would see something else
 * (`on`, `0755`, `22:22`).
 */
export type Value = string | number | boolean | null | Node | readonly Value[];

/** One key of a map: what it holds, a why above it, an empty line before it. */
export interface Entry {
  readonly key: string;
  readonly value: Value;
  readonly note?: string | undefined;
  readonly gap?: boolean;
}

/** Makes an entry, or none when there is nothing to say: spread it into a list. */
export function entry(key: string, value: Value | undefined, note?: string): readonly Entry[] {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [{ key, value, note }];
}

export function map(entries: readonly Entry[], anchor?: string): YAMLMap {
  const result = new YAMLMap();
  for (const [index, { key, value, note, gap }] of entries.entries()) {
    const name = new Scalar(key);
    if (note !== undefined) name.commentBefore = wrap(note);
    if (gap === true && index > 0) name.spaceBefore = true;
    result.items.push(new Pair(name, toNode(value)));
  }
  if (anchor !== undefined) result.anchor = anchor;
  return result;
}

/** A map of plain texts, in the order given. */
export function record(values: Readonly<Record<string, string>>, anchor?: string): YAMLMap {
  return map(
    Object.entries(values).map(([key, value]) => ({ key, value })),
    anchor,
  );
}

/** A list or map on one line. */
export function inline(values: readonly Value[]): YAMLSeq {
  const sequence = toNode(values) as YAMLSeq;
  sequence.flow = true;
  return sequence;
}

export function block(values: readonly Value[], anchor?: string): YAMLSeq {
  const sequence = toNode(values) as YAMLSeq;
  if (anchor !== undefined) sequence.anchor = anchor;
  return sequence;
}

export function inlineMap(entries: readonly Entry[]): YAMLMap {
  const result = map(entries);
  result.flow = true;
  return result;
}

export function tagged(tag: string, node: YAMLSeq): YAMLSeq {
  node.tag = tag;
  return node;
}

export function alias(name: string): Alias {
  return new Alias(name);
}

/** `<<: *name` */
export function merge(name: string): Entry {
  return { key: "<<", value: alias(name) };
}

/** A text that must be quoted although YAML would not ask for it. */
export function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

/** The document's text, `header` as a comment on top, LF at the end. */
export function printYaml(root: YAMLMap, header: string): string {
  const document = new Document(null, { version: "1.1", schema: "yaml-1.1" });
  document.contents = root as never;
  document.commentBefore = wrap(header);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, indentSeq: true, nullStr: "" });
}

function toNode(value: Value): Node {
  if (isNode(value)) return value;
  if (Array.isArray(value)) {
    const sequence = new YAMLSeq();
    sequence.items = value.map((item: Value) => toNode(item));
    return sequence;
  }
  const scalar = new Scalar(value);
  if (typeof value === "string" && /^(<<|=)$|^\d+(:\d+)+$/.test(value)) scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

/** Comment lines of at most 100 characters, each with a space after the `#`. */
function wrap(note: string): string {
  return note
    .split("\n")
    .flatMap((line) => wrapLine(line))
    .map((line) => (line === "" ? "" : ` ${line}`))
    .join("\n");
}

function wrapLine(line: string): readonly string[] {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.length - 1;
    const joined = lines[last] === "" ? word : `${lines[last]} ${word}`;
    if (joined.length > 98 && lines[last] !== "") lines.push(word);
    else lines[last] = joined;
  }
  return lines;
}
