import { describe, expect, it } from "vitest";
import { hundredths, inWords, sum, times, toAmount } from "./money";

describe("amounts", () => {
  it.each([
    ["0.10", 10],
    ["999.99", 99_999],
    ["5", 500],
    ["5.5", 550],
    ["-0.05", -5],
  ])("%s is %i hundredths", (amount, value) => {
    expect(hundredths(amount)).toBe(value);
  });

  it.each(["", "1,50", "1.005", "NaN", "1e3"])("%j is none", (amount) => {
    expect(() => hundredths(amount)).toThrow("Not an amount");
  });

  it("keep their cents where floats would not", () => {
    expect(sum(["0.10", "0.20"])).toBe("0.30");
    expect(times("1.10", 3)).toBe("3.30");
    expect(sum([])).toBe("0.00");
    expect(toAmount(-5)).toBe("-0.05");
  });

  it("are written for the reader", () => {
    expect(inWords("1234.50", "EUR")).toContain("1,234.50");
  });
});
