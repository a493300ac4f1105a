import { describe, expect, it } from "vitest";

import type { AuditInput } from "../words.ts";
import { loadConfiguration } from "./compose.ts";
import { interpolate, type Unset } from "./interpolate.ts";
import { type Tree, valueAt } from "./tree.ts";

describe("interpolation, as Compose does it", () => {
  const env = { SET: "value", EMPTY: "" };
  it.each([
    ["$SET-${SET}", "value-value"],
    ["$$SET $${SET}", "$SET ${SET}"],
    ["${EMPTY:-d} ${EMPTY-d} ${NONE:-d} ${NONE-d}", "d  d d"],
    ["${SET:+r} ${EMPTY:+r} ${EMPTY+r} ${NONE+r}", "r  r "],
    ["${NONE:-${SET:-x}}/y", "value/y"],
    ["${NONE:-${NONE:-deep}}", "deep"],
    ["100$ and $1", "100$ and $1"],
  ])("%s", (text, expected) => expect(interpolate(text, env, [])).toBe(expected));

  it("names what is unset, and what must be set", () => {
    const unset: Unset[] = [];
    interpolate("$NONE ${OTHER:?say it} ${SET:?no}", env, unset);
    expect(unset).toEqual([
      { name: "NONE", required: undefined },
      { name: "OTHER", required: "say it" },
    ]);
  });
});

function plain(tree: Tree | undefined): unknown {
  if (tree === undefined) return undefined;
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

function load(files: Readonly<Record<string, string>>, names: readonly string[]) {
  const input: AuditInput = {
    files: new Map(Object.entries(files).map(([path, text]) => [path, { text, executable: false }])),
    configurations: [],
    env: {},
    record: undefined,
    ignored: undefined,
  };
  return loadConfiguration(input, { name: "x", mode: "production", files: names });
}
const merged = (files: Readonly<Record<string, string>>, names = Object.keys(files)) => {
  const loaded = load(files, names);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return plain(valueAt(loaded.merged.root, "services", "a"));
};

describe("merging, as Compose does it", () => {
  it("maps merge, lists extend, commands are replaced, mounts are one per target", () => {
    expect(
      merged({
        "a.yaml": `services: {a: {command: [x], environment: [A=1, B=2], ports: ["80:80"], volumes: ["one:/data"], networks: [front], cap_drop: [ALL]}}`,
        "b.yaml": `services: {a: {command: [y], environment: {B: "3"}, ports: ["443:443"], volumes: ["two:/data:ro"], networks: {back: }, cap_drop: [ALL]}}`,
      }),
    ).toEqual({
      command: ["y"],
      environment: { A: "1", B: "3" },
      ports: ["80:80", "443:443"],
      volumes: ["two:/data:ro"],
      networks: { front: null, back: null },
      cap_drop: ["ALL"],
    });
  });

  it("!override replaces, !reset takes away", () => {
    expect(
      merged({
        "a.yaml": `services: {a: {ports: ["80:80"], environment: {A: "1"}, user: "1"}}`,
        "b.yaml": `services: {a: {ports: !override ["443:443"], environment: !reset null, user: !reset null}}`,
      }),
    ).toEqual({ ports: ["443:443"] });
  });

  it("anchors, merge keys with the own value first, include and extends from another file", () => {
    expect(
      merged(
        {
          "a.yaml": `x-h: &h {user: "1", read_only: true}\ninclude: [sub/c.yaml]\nservices:\n  a: {<<: *h, user: "2", extends: {file: sub/b.yaml, service: base}}`,
          "sub/b.yaml": `services: {base: {extends: root, restart: always}, root: {init: true, user: "9"}}`,
          "sub/c.yaml": `services: {other: {image: x}}`,
        },
        ["a.yaml"],
      ),
    ).toEqual({ user: "2", read_only: true, restart: "always", init: true });
  });

  it("the files of one include merge in their order", () => {
    const files = {
      "a.yaml": "include: [{path: [one.yaml, two.yaml]}]\nservices: {b: {image: x}}",
      "one.yaml": "services: {a: {privileged: true, user: '1'}}",
      "two.yaml": "services: {a: {privileged: false}}",
    };
    expect(merged(files, ["a.yaml"])).toEqual({ privileged: false, user: "1" });
  });

  it("what cannot be read is a problem with file and line", () => {
    const codes = (files: Readonly<Record<string, string>>) => {
      const loaded = load(files, ["a.yaml"]);
      return loaded.ok ? [] : loaded.problems.map(({ code, at }) => `${code} ${at}`);
    };
    expect(codes({})).toEqual(["compose-file-missing a.yaml:1"]);
    expect(codes({ "a.yaml": "services:\n  a: {x: [}" })[0]).toBe("yaml-invalid a.yaml:2");
    expect(codes({ "a.yaml": "volumes: {}" })).toEqual(["compose-invalid a.yaml:1"]);
    expect(codes({ "a.yaml": "services:\n  a: text" })).toEqual(["compose-invalid a.yaml:2"]);
    expect(codes({ "a.yaml": "services:\n  a: {extends: b}" })).toEqual(["compose-invalid a.yaml:2"]);
    expect(codes({ "a.yaml": "services:\n  a: {extends: a}" })).toEqual(["compose-invalid a.yaml:2"]);
    expect(codes({ "a.yaml": "include: [a.yaml]\nservices: {a: {}}" })).toEqual(["compose-invalid a.yaml:1"]);
    expect(codes({ "a.yaml": "include: [../b.yaml]\nservices: {a: {}}" })).toEqual(["compose-file-missing a.yaml:1"]);
    const bomb = ["a: &a [x]", ...Array.from({ length: 70 }, (_, i) => `${"ab"[i % 2]}${i}: &x${i} [*${i === 0 ? "a" : `x${i - 1}`}]`)].join("\n");
    const wide = Array.from(
      { length: 12 },
      (_, i) => `w${i}: &w${i} [${Array.from({ length: 10 }, () => (i === 0 ? "x" : `*w${i - 1}`)).join(", ")}]`,
    );
    expect(codes({ "a.yaml": `${wide.join("\n")}\nservices: {a: {}}` })[0]).toMatch(/^yaml-invalid/);
    expect(codes({ "a.yaml": `${bomb}\nservices: {a: {}}` })[0]).toMatch(/^yaml-invalid a\.yaml:\d+$/);
  });
});
