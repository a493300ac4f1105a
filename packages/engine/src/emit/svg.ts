import type { Flow, StackPlan } from "@breakwater/model";

import { columnsOf, outsideOf } from "./diagram.ts";

const BOX = { width: 150, height: 44, gapX: 120, gapY: 34, margin: 28 };
/** Colours that stay apart for the common kinds of colour blindness (Okabe and Ito, 2008), and readable on white and black. */
const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6a5acd", "#7f7f7f"];

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The flows as a picture: services by their distance from the internet, a colour for each network. */
export function diagramSvg(plan: StackPlan): string {
  const columns = [outsideOf(plan), ...columnsOf(plan).map((column) => column.map((service) => service.name))];
  const rows = Math.max(...columns.map((column) => column.length));
  const legendTop = BOX.margin + rows * (BOX.height + BOX.gapY);
  const width = 2 * BOX.margin + columns.length * BOX.width + (columns.length - 1) * BOX.gapX;
  const height = legendTop + 26 * Math.ceil(plan.networks.length / 3) + BOX.margin;
  const places = new Map<string, Place>();
  columns.forEach((column, x) => {
    const offset = ((rows - column.length) * (BOX.height + BOX.gapY)) / 2;
    column.forEach((name, y) =>
      places.set(name, { x: BOX.margin + x * (BOX.width + BOX.gapX), y: BOX.margin + offset + y * (BOX.height + BOX.gapY) }),
    );
  });
  const colour = (flow: Flow): string => COLOURS[plan.networks.findIndex((network) => network.name === flow.over[0]) % COLOURS.length] ?? "#7f7f7f";
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="14">`,
    `<title id="title">${escape(plan.project.title)}: who may call whom</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0,0 L8,4 L0,8 z" fill="context-stroke"/></marker></defs>',
    ...plan.flows.map((flow, index) => arrow(places.get(flow.from), places.get(flow.to), flow, colour(flow), index)),
    ...[...places].map(([name, place]) => box(name, place, outsideOf(plan).includes(name))),
    ...plan.networks.map((network, index) =>
      legend(`${network.name}${network.internal ? " (internal)" : ""}`, COLOURS[index % COLOURS.length] ?? "", {
        x: BOX.margin + (index % 3) * 240,
        y: legendTop + 26 * Math.floor(index / 3),
      }),
    ),
    "</svg>",
    "",
  ];
  return parts.join("\n");
}

function box(name: string, { x, y }: Place, outside: boolean): string {
  return `<g><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="${outside ? 22 : 6}" fill="${outside ? "#eeeeee" : "#f7f9fb"}" stroke="#34414e"/><text x="${x + BOX.width / 2}" y="${y + BOX.height / 2 + 5}" text-anchor="middle" fill="#1b242d">${escape(name)}</text></g>`;
}

function arrow(from: Place | undefined, to: Place | undefined, flow: Flow, colour: string, index: number): string {
  if (from === undefined || to === undefined) return "";
  const start = { x: from.x + BOX.width, y: from.y + BOX.height / 2 };
  const end = { x: to.x - 2, y: to.y + BOX.height / 2 };
  if (end.x < start.x) {
    const down = Math.max(from.y, to.y) + BOX.height + 14;
    return `<path d="M${from.x + BOX.width / 2},${from.y + BOX.height} C${from.x + BOX.width / 2},${down} ${to.x + BOX.width / 2},${down} ${to.x + BOX.width / 2},${to.y + BOX.height + 2}" fill="none" stroke="${colour}" stroke-width="1.6" marker-end="url(#tip)"/>`;
  }
  const middle = (start.x + end.x) / 2;
  const near = 0.62 + 0.06 * (index % 3);
  return `<path d="M${start.x},${start.y} C${middle},${start.y} ${middle},${end.y} ${end.x},${end.y}" fill="none" stroke="${colour}" stroke-width="1.6" marker-end="url(#tip)"/><text x="${start.x + (end.x - start.x) * near}" y="${start.y + (end.y - start.y) * smooth(near) - 5}" text-anchor="middle" font-size="11" fill="${colour}">${flow.port}</text>`;
}

function smooth(t: number): number {
  return 3 * t * t - 2 * t * t * t;
}

function legend(label: string, colour: string, { x, y }: Place): string {
  return `<g><rect x="${x}" y="${y}" width="22" height="6" fill="${colour}"/><text x="${x + 30}" y="${y + 8}" fill="#1b242d" font-size="12">${escape(label)}</text></g>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
