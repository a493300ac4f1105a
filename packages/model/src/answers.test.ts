import { describe, expect, it } from "vitest";

import { nearest, parseAnswers } from "./answers.ts";
import { checkProjectName, proposeName } from "./names.ts";
import { catalogOf, sampleStack } from "./testing/catalog.ts";

const catalog = catalogOf({
  ...sampleStack(),
  options: {
    admin: { type: "boolean", ask: "Admin?", help: "It shows the admin.", default: true },
    tls: {
      type: "choice",
      ask: "TLS?",
      help: "Which versions.",
      default: "modern",
      choices: [
        { value: "modern", help: "1.3" },
        { value: "old", help: "1.2" },
      ],
    },
    domain: { type: "text", ask: "Host?", help: "Its name.", default: "localhost", pattern: "[a-z.]+" },
  },
});
const codes = (raw: Parameters<typeof parseAnswers>[1]) => {
  const parsed = parseAnswers(catalog, raw);
  return parsed.ok ? [] : parsed.problems.map((problem) => problem.code);
};

describe("parseAnswers", () => {
  it("fills in defaults and reads text as types", () => {
    expect(parseAnswers(catalog, { name: "shop", stack: "sample", options: { admin: "false" } })).toEqual({
      ok: true,
      answers: { name: "shop", stack: "sample", options: { admin: false, domain: "localhost", tls: "modern" } },
    });
  });
  it("collects every problem", () => {
    expect(codes({ name: "-rf", stack: "sample", options: { admin: "maybe", tsl: "modern", domain: "a b" } })).toEqual([
      "name-invalid",
      "option-invalid",
      "option-invalid",
      "option-unknown",
    ]);
    expect(codes({})).toEqual(["answer-missing", "answer-missing"]);
    expect(codes({ name: "shop", stack: "smaple" })).toEqual(["stack-unknown"]);
  });
  it("proposes what was meant", () => {
    expect(nearest("tsl", ["tls", "admin"])).toBe("did you mean 'tls'?");
  });
});

describe("names", () => {
  it.each(["../x", "-rf", "Ünï", "a".repeat(300), "localhost", "", "a--b", "a-", "1st", "con", "a_b"])(
    "refuses %j with a proposal that is valid",
    (name) => {
      expect(checkProjectName(name)).toHaveLength(1);
      expect(checkProjectName(proposeName(name))).toEqual([]);
    },
  );
  it.each(["my-app", "a", "shop2"])("takes %j", (name) => {
    expect(checkProjectName(name)).toEqual([]);
  });
});
