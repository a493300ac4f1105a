import { textOf, textsOf, valueAt } from "../load/tree.ts";
import { imageName, placesOf, runsOnce, type ServiceView, wordsOf } from "../service.ts";
import type { Found } from "../words.ts";

/** Capabilities with which a process inside owns the host, or close to it. Source: capabilities(7). */
const STRONG = new Set(["ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "NET_ADMIN", "BPF", "SYS_BOOT", "SYS_TIME"]);

export function privileges(view: ServiceView): readonly Found[] {
  const found: Found[] = [];
  const say = (rule: string, keys: readonly string[], message: string) => found.push({ rule, at: placesOf(view, ...keys), message });
  if (textOf(valueAt(view.tree, "privileged")) === "true")
    say("privileged", ["privileged"], `${view.name} is privileged: root in it is root on the host`);
  const dropped = textsOf(valueAt(view.tree, "cap_drop")).map((name) => name.toUpperCase());
  if (!dropped.includes("ALL"))
    say(
      "capabilities",
      ["cap_drop"],
      `${view.name} keeps ${dropped.length === 0 ? "the engine's default capabilities" : "capabilities: cap_drop lacks ALL"}`,
    );
  for (const name of textsOf(valueAt(view.tree, "cap_add")).map((one) => one.toUpperCase().replace(/^CAP_/, "")))
    if (STRONG.has(name)) say("capabilities", ["cap_add"], `${view.name} is given ${name}`);
  const options = textsOf(valueAt(view.tree, "security_opt")).map((one) => one.replace("=", ":").toLowerCase());
  if (!options.some((one) => one === "no-new-privileges" || one === "no-new-privileges:true"))
    say("new-privileges", ["security_opt"], `${view.name} may gain privileges by a setuid program`);
  if (options.some((one) => /^(seccomp|apparmor):unconfined$/.test(one)))
    say("unconfined", ["security_opt"], `${view.name} runs without the engine's seccomp or AppArmor profile`);
  if (textOf(valueAt(view.tree, "read_only")) !== "true") say("writable-root", ["read_only"], `${view.name} can write its own program files`);
  return found;
}

export function user(view: ServiceView): readonly Found[] {
  const set = textOf(valueAt(view.tree, "user"));
  const say = (message: string): readonly Found[] => [{ rule: "root-user", at: placesOf(view, "user"), message }];
  if (set === undefined) return say(`${view.name} runs as whatever user its image says, which may be root`);
  const [name = "", group] = set.split(":");
  if (/^(0+|root)$/.test(name)) return say(`${view.name} runs as root`);
  if (!/^\d+$/.test(name)) return say(`${view.name} names its user '${name}': only a number is the same in every image`);
  return group !== undefined && /^0+$/.test(group) ? say(`${view.name} runs with the group root`) : [];
}

export function limits(view: ServiceView): readonly Found[] {
  const deploy = valueAt(view.tree, "deploy", "resources", "limits");
  const has = (long: string, ...short: readonly string[]) => {
    const values = [textOf(valueAt(deploy, long)), ...short.map((key) => textOf(valueAt(view.tree, key)))];
    return values.some((value) => value !== undefined && !/^(0|-1)?$/.test(value));
  };
  const missing = [
    ...(has("memory", "mem_limit") ? [] : ["memory"]),
    ...(has("cpus", "cpus") ? [] : ["cpus"]),
    ...(has("pids", "pids_limit") ? [] : ["pids"]),
  ];
  return missing.length === 0
    ? []
    : [
        {
          rule: "limits",
          at: placesOf(view, "deploy", "resources", "limits"),
          message: `${view.name} has no limit for ${missing.join(", ")}: one bad loop takes the host`,
        },
      ];
}

export function health(view: ServiceView): readonly Found[] {
  const check = valueAt(view.tree, "healthcheck");
  if (check === undefined) {
    if (runsOnce(view)) return [];
    return [{ rule: "health-missing", at: [view.key], message: `${view.name} has no health check: it counts as well as long as its process exists` }];
  }
  const at = placesOf(view, "healthcheck", "test");
  const test = wordsOf(valueAt(check, "test"));
  if (textOf(valueAt(check, "disable")) === "true" || test[0] === "NONE")
    return runsOnce(view) ? [] : [{ rule: "health-missing", at, message: `${view.name}'s health check is switched off` }];
  return cannotFail(test) ? [{ rule: "health-always-true", at, message: `${view.name}'s health check cannot fail: ${test.join(" ")}` }] : [];
}

/** A test whose last word on the matter is success, whatever the service does. */
function cannotFail(test: readonly string[]): boolean {
  const command = (/^CMD(-SHELL)?$/.test(test[0] ?? "") ? test.slice(1) : test).join(" ").trim();
  return (
    /^(\/(usr\/)?bin\/)?(true|:|echo\b[^|&;]*|exit 0|sleep \d+)$/.test(command) ||
    /^(\S*\/)?(ba|da|a)?sh -e?c ['"]?(true|:|exit 0)['"]?$/.test(command) ||
    /^python3? -c ['"]?pass['"]?$/.test(command) ||
    /^node -e ['"]?0?['"]?$/.test(command) ||
    /(\|\||;)\s*(true|:|exit 0)\s*['"]?$/.test(command)
  );
}

export function stays(view: ServiceView): readonly Found[] {
  const found: Found[] = [];
  if (
    view.mode === "production" &&
    textOf(valueAt(view.tree, "restart")) === undefined &&
    valueAt(view.tree, "deploy", "restart_policy") === undefined
  )
    found.push({ rule: "restart", at: [view.key], message: `${view.name} stays down after a crash or a reboot` });
  const driver = textOf(valueAt(view.tree, "logging", "driver")) ?? "json-file";
  if (driver === "json-file" && textOf(valueAt(view.tree, "logging", "options", "max-size")) === undefined)
    found.push({ rule: "log-rotation", at: placesOf(view, "logging", "options"), message: `${view.name}'s log grows until the disk is full` });
  return found;
}

/** Paths of the host with which a container owns it. */
const SENSITIVE = /^(\/|\/(etc|proc|sys|dev|boot|root|run|var|var\/run|var\/lib|var\/lib\/docker|usr|lib|bin|home)\/?)$/;
const SOCKET = /\/(docker|podman|containerd)\.sock$/;

export function mounts(view: ServiceView): readonly Found[] {
  const list = valueAt(view.tree, "volumes");
  return (list?.kind === "list" ? list.items : []).flatMap((item): Found[] => {
    const written = item.kind === "map" ? (textOf(valueAt(item, "source")) ?? "") : (textOf(item)?.split(":")[0] ?? "");
    // A named volume may be a bind mount in disguise.
    const source = textOf(valueAt(view.root, "volumes", written, "driver_opts", "device")) ?? written;
    const at = [item.at, view.key];
    if (SOCKET.test(source))
      return [{ rule: "engine-socket", at, message: `${view.name} holds the engine's socket: whoever enters it starts any container, as root` }];
    return SENSITIVE.test(source) ? [{ rule: "host-folder", at, message: `${view.name} mounts ${source} of the host` }] : [];
  });
}

/** Servers that keep data, by the name of their image. */
const DATA_STORES =
  /^(postgres|postgis|timescaledb|mysql|mariadb|mongo|mongodb|redis|valkey|memcached|elasticsearch|opensearch|rabbitmq|minio|clickhouse|cassandra|influxdb|couchdb|neo4j|mssql)/;

export function isDataStore(view: ServiceView): boolean {
  return DATA_STORES.test(imageName(view));
}
