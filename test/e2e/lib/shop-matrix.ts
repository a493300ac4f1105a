import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A cell of the table in document 004. */
export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly open: boolean;
}

const TITLES = ["Frontend", "API Gateway", "Product API", "Order API", "Payment API", "Product DB", "Order DB"];
const PORTS: Readonly<Record<string, number>> = {
  frontend: 8080,
  "api-gateway": 8080,
  "product-api": 8001,
  "order-api": 8002,
  "payment-api": 8003,
  "product-db": 5432,
  "order-db": 5432,
};

/** The cells of docs/architecture/matrix.md; with a pooler, the way to a database is the pooler's. */
export function documented(dir: string): readonly Cell[] {
  const page = readFileSync(join(dir, "docs/architecture/matrix.md"), "utf8");
  const services = readFileSync(join(dir, "ops/data/services.tsv"), "utf8");
  return page
    .split("\n")
    .filter((line) => line.startsWith("| **") && /[✅❌]/u.test(line))
    .flatMap((line) => {
      const [row = "", ...marks] = line.split("|").slice(1, -1);
      const from = nameOf(row);
      return marks.flatMap((mark, index): Cell[] => {
        const to = nameOf(TITLES[index] ?? "");
        const open = mark.includes("✅");
        const pooler = `${to.replace(/-db$/, "")}-pgbouncer`;
        const pooled = open && to.endsWith("-db") && services.includes(`\n${pooler}\t`);
        return mark.trim() === "-" ? [] : [{ from, to: pooled ? pooler : to, port: pooled ? 6432 : (PORTS[to] ?? 0), open }];
      });
    });
}

/** `**Product API**` → `product-api`. */
function nameOf(title: string): string {
  return title.replaceAll("*", "").trim().toLowerCase().replaceAll(" ", "-");
}

/** What was seen, in the document's own form. */
export function printed(cells: readonly Cell[], open: (cell: Cell) => boolean): string {
  const rows = [...new Set(cells.map((cell) => cell.from))].map((from) => {
    const marks = TITLES.map((title) => {
      const to = nameOf(title);
      const cell = cells.find((one) => one.from === from && (one.to === to || one.to === `${to.replace(/-db$/, "")}-pgbouncer`));
      return cell === undefined ? "-" : open(cell) ? "✅" : "❌";
    });
    return `| ${from} | ${marks.join(" | ")} |`;
  });
  return [`| From → To | ${TITLES.join(" | ")} |`, `|${"---|".repeat(TITLES.length + 1)}`, ...rows].join("\n");
}
