import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Project } from "./project.ts";
import { must, run, type Ran } from "./run.ts";

/** What the tests do with the backups of a project, beside its own scripts. */
export class Backups {
  readonly project: Project;

  constructor(project: Project) {
    this.project = project;
  }

  /** SQL as the superuser, inside the database's container. */
  sql(text: string, database = "app"): Promise<string> {
    return this.project.sql(text, database);
  }

  /** Rows and checksums of every table, as a backup's manifest holds them, and of every object, read byte by byte. */
  async fingerprint(): Promise<string> {
    const rows = await this.sql(readFileSync(join(this.project.dir, "services/backup/bin/manifest.sql"), "utf8"));
    if (this.project.find("s3") === undefined) return rows;
    const objects = await this.shell(
      ". $B/lib.sh; . $B/objects.sh; mkdir -p /tmp/run; objects_login /tmp/run; objects_rclone hashsum sha256 --download store:files | sort",
    );
    if (objects.code !== 0) throw new Error(`the objects cannot be read: ${objects.err}`);
    return `${rows}\n${objects.out}`;
  }

  /** A shell in a container of the backup service's own making: its mounts, its network, nothing of its state. */
  shell(script: string, timeout = 170_000): Promise<Ran> {
    const own =
      "set -eu; export BACKUP_STATE=/tmp/state BACKUP_BY_HAND=yes RESTIC_PASSWORD_FILE=/run/secrets/restic_password; mkdir -p /tmp/state; B=/opt/backup/bin; W=$(mktemp -d /var/lib/postgresql/data/XXXXXX); trap 'rm -rf $W' EXIT";
    const copy = 'copy() { cp -r /backup/repository "$W/repository"; chmod -R u+rwX "$W/repository"; export RESTIC_REPOSITORY=$W/repository; }';
    return run("docker", [...this.#composeRun(), "-c", `${own}\n${copy}\n${script}`], { cwd: this.project.dir, timeout });
  }

  #composeRun(): readonly string[] {
    return ["compose", "-f", "compose.yaml", "-f", "compose.production.yaml", "run", "--rm", "--no-deps", "-T", "--entrypoint", "bash", "backup"];
  }

  /** Id and time of each whole backup, and every snapshot of restic's. */
  async inRepository(): Promise<{ readonly sets: readonly string[]; readonly snapshots: number }> {
    const id = (await this.project.containers()).get("backup") ?? "";
    const sets = await must("docker", ["exec", id, "/opt/backup/bin/fetch", "sets"]);
    const all = await must("docker", [
      "exec",
      "-e",
      "RESTIC_PASSWORD_FILE=/run/secrets/restic_password",
      id,
      "restic",
      "--no-cache",
      "-r",
      "/backup/repository",
      "snapshots",
      "--json",
    ]);
    return {
      sets: sets
        .trim()
        .split("\n")
        .filter((line) => line !== ""),
      snapshots: (JSON.parse(all) as unknown[]).length,
    };
  }

  async status(): Promise<{ readonly code: number; readonly data: any }> {
    const ran = await this.project.ops("backup-status", ["--json"]);
    return { code: ran.code, data: JSON.parse(ran.out) };
  }

  /** Changes when the last good one was, as if time had passed. */
  age(name: "backup" | "drill", hours: number): () => void {
    const file = join(this.project.dir, "state/backup", `last-${name}`);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace(/^time=.*$/m, `time=${Math.floor(Date.now() / 1000) - hours * 3600}`));
    return () => writeFileSync(file, before);
  }
}
