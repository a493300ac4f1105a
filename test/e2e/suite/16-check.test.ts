import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfiguration, networksOf, portsOf, textsOf, valueAt, viewsOf } from "@breakwater/engine/audit";
import { readProject } from "@breakwater/engine/read-project";

import { Project } from "../lib/project.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { dir } = Project.open(stack.instance, stack.ports);

/** What Compose itself makes of the same files, in the form in which rules look at it. It prints a dollar as two. */
function byCompose(dir: string, files: readonly string[]) {
  const args = ["compose", "--profile", "*", ...files.flatMap((file) => ["-f", file]), "config", "--format", "json"];
  const ran = spawnSync("docker", args, { cwd: dir, encoding: "utf8", env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" } });
  expect(ran.status, ran.stderr).toBe(0);
  const { services } = JSON.parse(ran.stdout) as { services: Record<string, any> };
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [
      name,
      {
        networks: Object.keys(service.networks ?? {}).toSorted(),
        ports: (service.ports ?? []).map((port: any) => `${port.host_ip ?? ""} ${port.published ?? ""} ${port.target} ${port.protocol}`).toSorted(),
        environment: Object.entries(service.environment ?? {})
          .map(([key, value]) => `${key}=${String(value ?? "").replaceAll("$$", "$")}`)
          .toSorted(),
        capDrop: service.cap_drop ?? [],
        user: service.user ?? "",
        command: service.command ?? [],
        mounts: (service.volumes ?? []).map((mount: any) => mount.target).toSorted(),
        readOnly: String(service.read_only ?? false),
      },
    ]),
  );
}

function byCheck(dir: string, files: readonly string[]) {
  const read = readProject(dir, files);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const [configuration] = read.input.configurations;
  const loaded = configuration === undefined ? undefined : loadConfiguration(read.input, configuration);
  if (loaded?.ok !== true) throw new Error(JSON.stringify(loaded));
  return Object.fromEntries(
    viewsOf(loaded.merged, read.input).map((view) => {
      const environment = valueAt(view.tree, "environment");
      const volumes = valueAt(view.tree, "volumes");
      return [
        view.name,
        {
          networks: networksOf(view).toSorted(),
          ports: portsOf(view)
            .map((port) => `${port.address} ${port.host ?? ""} ${port.container} ${port.protocol}`)
            .toSorted(),
          environment: (environment?.kind === "map" ? [...environment.entries] : [])
            .map(([key, { value }]) => `${key}=${textsOf(value).join("")}`)
            .toSorted(),
          capDrop: textsOf(valueAt(view.tree, "cap_drop")),
          user: textsOf(valueAt(view.tree, "user")).join(""),
          command: textsOf(valueAt(view.tree, "command")),
          mounts: (volumes?.kind === "list" ? volumes.items : [])
            .map((item) => (item.kind === "map" ? textsOf(valueAt(item, "target")).join("") : (textsOf(item)[0]?.split(":")[1] ?? "")))
            .toSorted(),
          readOnly: textsOf(valueAt(view.tree, "read_only")).join("") || "false",
        },
      ];
    }),
  );
}

describe("PLAT-5 breakwater check reads what Compose reads", () => {
  const own = mkdtempSync(join(tmpdir(), "breakwater-oracle-"));
  afterAll(() => rmSync(own, { recursive: true, force: true }));

  it.each([
    ["production", ["compose.yaml", "compose.production.yaml"]],
    ["development", ["compose.yaml", "compose.override.yaml"]],
  ])("the scaffolded project, %s", (_, files) => {
    expect(byCheck(dir, files)).toEqual(byCompose(dir, files));
  });

  it("a project of somebody else: extends, anchors, short and long forms, override, reset", () => {
    writeFileSync(
      join(own, "compose.yaml"),
      `name: oracle
x-common: &common
  user: "\${UID_OF:-1000}:\${GID_OF-1000}"
  environment: {A: "1", B: "\${SET}", C: "\${NONE:-\${SET:-x}}", D: "$$literal"}
services:
  web:
    <<: *common
    image: nginx:1.30.4
    ports: ["80:8080", "127.0.0.1:9000:9000/udp", {target: 5000, published: "5001", host_ip: 127.0.0.2}]
    networks: [front, back]
    command: [serve, "--now"]
    volumes: ["./a:/data", "named:/var/lib:ro"]
  api:
    extends: {file: base.yaml, service: base}
    environment: [OWN=2]
    networks: {back: {aliases: [a]}}
  lonely: {image: "app:1.0", read_only: true}
networks: {front: , back: }
volumes: {named: }
`,
    );
    writeFileSync(
      join(own, "base.yaml"),
      `services:\n  base: {image: "app:1.0", environment: {OWN: "1", BASE: "yes"}, cap_drop: [ALL], volumes: ["./b:/b"]}\n`,
    );
    writeFileSync(
      join(own, "more.yaml"),
      `services:
  web:
    ports: !override ["443:8443"]
    environment: {A: "9"}
    command: [other]
    volumes: ["./c:/data"]
  api: {environment: !reset null, cap_drop: [ALL], user: "5:5"}
`,
    );
    writeFileSync(join(own, ".env"), "SET='quoted value'\nUID_OF=7 # comment\n");
    const files = ["compose.yaml", "more.yaml"];
    expect(byCheck(own, files)).toEqual(byCompose(own, files));
  });
});
