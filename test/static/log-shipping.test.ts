import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const PART = join(import.meta.dirname, "../../templates/parts/log-shipping");
const FOLDER = join(PART, "files/services/log-shipper");

/*
 * Fluent Bit is in no package registry, and an unknown word in its configuration is told when it starts: too late for a project. So
 * the words we use stand here, as its plugins declare them in 5.1, and anything else is a finding.
 */
const SERVICE =
  /^(flush|grace|log_level|http_server|http_listen|http_port|storage\.(path|checksum|max_chunks_up|backlog\.mem_limit|metrics)|scheduler\.(base|cap))$/;
const OUTPUT =
  "match host port tls tls.verify tls.verify_hostname tls.ca_file retry_limit storage.total_limit_size net.connect_timeout net.keepalive_idle_timeout";
const PLUGINS: Readonly<Record<string, string>> = {
  "inputs/forward": "listen port storage.type",
  "inputs/fluentbit_metrics": "tag scrape_interval",
  "filters/parser": "match key_name parser reserve_data preserve_key",
  "filters/modify": "match rename copy remove",
  "outputs/prometheus_exporter": "match host port",
  "outputs/null": "match",
  "outputs/http": `${OUTPUT} uri format json_date_key json_date_format header`,
  "outputs/loki": `${OUTPUT} uri labels line_format header`,
  "outputs/es": `${OUTPUT} path index write_operation generate_id suppress_type_name trace_error http_api_key`,
};
/** Tags that lines can have: the engine's (the option `tag` of its driver) and that of the figures. */
const TAGS = ["log", "metrics"];

interface Config {
  readonly includes?: readonly string[];
  readonly env?: readonly Readonly<Record<string, string>>[];
  readonly service?: Readonly<Record<string, unknown>>;
  readonly parsers?: readonly Readonly<Record<string, unknown>>[];
  readonly pipeline?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
}

/** Variables that are there when Fluent Bit starts: the service's environment, what `run` exports, what the configuration reads itself. */
function known(): ReadonlySet<string> {
  const manifest = parse(readFileSync(join(PART, "part.yaml"), "utf8"));
  const run = readFileSync(join(FOLDER, "bin/run"), "utf8");
  const exported = [...run.matchAll(/^ *export (.*)$/gm)].flatMap(([, words = ""]) => words.split(" ").map((word) => word.split("=")[0] ?? ""));
  return new Set(["LISTEN_HOST", "LOG_TOKEN", ...Object.keys(manifest.services["log-shipper"].environment), ...exported]);
}

function findingsOf(file: string, text: string): readonly string[] {
  const config = parse(text) as Config;
  const found: string[] = [];
  const unknown = Object.keys(config).filter((key) => !["includes", "env", "service", "parsers", "pipeline"].includes(key));
  if (unknown.length > 0) found.push(`unknown: ${unknown.join(" ")}`);
  for (const other of config.includes ?? []) if (other !== "pipeline.yaml") found.push(`includes ${other}`);
  for (const key of Object.keys(config.service ?? {})) if (!SERVICE.test(key)) found.push(`service: ${key}`);
  for (const [kind, plugins] of Object.entries(config.pipeline ?? {}))
    for (const plugin of plugins) {
      const name = String(plugin["name"]);
      const words = PLUGINS[`${kind}/${name}`]?.split(" ");
      if (words === undefined) found.push(`unknown: ${kind}/${name}`);
      for (const key of Object.keys(plugin)) if (key !== "name" && words?.includes(key) === false) found.push(`${name}: ${key}`);
      if ("match" in plugin && !TAGS.includes(String(plugin["match"]))) found.push(`${name} matches ${String(plugin["match"])}, which no line has`);
      if (kind !== "outputs" || name === "null" || name === "prometheus_exporter") continue;
      const strict = { tls: "on", "tls.verify": "on", "tls.verify_hostname": "on", retry_limit: "no_limits", "storage.total_limit_size": "1G" };
      for (const [key, value] of Object.entries(strict)) if (plugin[key] !== value) found.push(`${name}: ${key} is ${String(plugin[key])}`);
    }
  for (const [, variable = ""] of text.matchAll(/\$\{(\w+)\}/g)) if (!known().has(variable)) found.push(`nobody sets ${variable}`);
  if (/^ *header: Authorization (?!\$\{)/m.test(text)) found.push("a token in the file");
  if (file === "pipeline.yaml") {
    if (config.pipeline?.["inputs"]?.[0]?.["storage.type"] !== "filesystem") found.push("lines wait in memory");
    if (config.service?.["http_listen"] !== "127.0.0.1") found.push("its HTTP server is open to others");
    if (config.env?.[0]?.["uri"] !== "file:///run/secrets/log_token") found.push("the token is not read from its file");
  }
  return found;
}

const read = (file: string) => readFileSync(join(FOLDER, "conf", file), "utf8");

describe("PROD-6 Fluent Bit's configuration, word by word", () => {
  const files = readdirSync(join(FOLDER, "conf"));

  it("there is one for each choice, and one for none", () => {
    const manifest = parse(readFileSync(join(PART, "part.yaml"), "utf8"));
    const choices = (manifest.options.logShipping.choices as { value: string }[]).map(({ value }) => value).filter((value) => value !== "none");
    expect(files.toSorted()).toEqual([...choices, "nowhere", "pipeline"].map((name) => `${name}.yaml`).toSorted());
  });

  it.each(files)("%s has no unknown word", (file) => {
    expect(findingsOf(file, read(file))).toEqual([]);
  });

  it.each([
    ["http.yaml", 'tls.verify: "on"', 'tls.verify: "off"'],
    ["http.yaml", "retry_limit: no_limits", "retry_limits: no_limits"],
    ["http.yaml", "match: log", "match: logs"],
    ["http.yaml", "${LOG_TOKEN}", "${LOG_TOKENS}"],
    ["http.yaml", "Authorization ${LOG_SHIPPING_AUTH} ${LOG_TOKEN}", "Authorization Bearer abc"],
    ["loki.yaml", "name: loki", "name: lokki"],
    ["elasticsearch.yaml", "write_operation", "write_operaton"],
    ["pipeline.yaml", "storage.type: filesystem", "storage.type: memory"],
    ["pipeline.yaml", "http_listen: 127.0.0.1", "http_listen: 0.0.0.0"],
    ["pipeline.yaml", "storage.path", "storage.paths"],
  ])("%s with %s → %s is found", (file, from, to) => {
    const broken = read(file).replace(from, () => to);
    expect(broken).not.toBe(read(file));
    expect(findingsOf(file, broken)).not.toEqual([]);
  });
});
