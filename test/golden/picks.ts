import { type Answers, type Catalog, type OptionManifest, optionsOf } from "@breakwater/model";

import { type Dimension, pairwise } from "./pairs.ts";

type Value = string | boolean;

/** One set of answers whose project stands in `trees/<stack>/<id>/`. */
export interface Pick {
  readonly id: string;
  readonly answers: Answers;
}

/** What names do to a project: the usual one, dashes and digits, one letter, the longest that is possible. */
const NAMES = ["shop", "my-shop-2", "x", "the-longest-name-that-a-project-can-have"];

/** A text option has no list of values; what is worth a look beside its default stands here. */
const TEXTS: Readonly<Record<string, readonly string[]>> = { domain: ["shop.example.com", "xn--bcher-kva.example"] };

/** The name and each option with the values that a golden tree tries; the default comes first. */
export function dimensionsOf(catalog: Catalog, stack: string): readonly Dimension<Value>[] {
  const options = Object.entries(optionsOf(catalog, stack)).map(([key, option]) => ({ key, values: valuesOf(key, option) }));
  return [{ key: "name", values: NAMES }, ...options];
}

/** About a dozen projects in which every pair of values meets. */
export function picksOf(catalog: Catalog, stack: string): readonly Pick[] {
  return pairwise(dimensionsOf(catalog, stack)).map(({ name, ...options }) => ({
    id: [name, ...Object.entries(options).toSorted(byKey).map(wordOf)].join("_"),
    answers: { name: String(name), stack, options },
  }));
}

function valuesOf(key: string, option: OptionManifest): readonly Value[] {
  switch (option.type) {
    case "boolean":
      return [option.default, !option.default];
    case "choice":
      return [option.default, ...option.choices.map((choice) => choice.value).filter((value) => value !== option.default)];
    case "text":
      return [option.default, ...(TEXTS[key] ?? [])];
  }
}

/** `admin`, `no-admin`, `modern`: the answers can be read off the name of the folder. */
function wordOf([key, value]: readonly [string, Value]): string {
  if (typeof value === "boolean") return value ? key : `no-${key}`;
  return value.replace(/[^a-z0-9.-]+/gi, "-");
}

function byKey(a: readonly [string, Value], b: readonly [string, Value]): number {
  return a[0] < b[0] ? -1 : 1;
}
