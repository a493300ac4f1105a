import type { Mount, Overlay } from "../plan.ts";
import type { Draft } from "./select.ts";
import { targetsOf } from "./targets.ts";

/** What a manifest writes for the version of the images that are built here. */
export const VERSION = "${APP_VERSION:-dev}";

/** Copies have a version each, by unit; what runs the image of a service with copies, and has none itself, runs the live one. */
export function versionOf(draft: Draft, drafts: readonly Draft[]): string {
  const unit = unitOf(draft, drafts);
  const variable = (word: string) => `\${${unit === undefined ? "" : `${unit.toUpperCase().replaceAll("-", "_")}_`}${word}_VERSION:-${VERSION}}`;
  if (draft.copy !== undefined) return variable(draft.copy.name.toUpperCase());
  return sharedWithCopies(draft, drafts).length > 0 ? variable("LIVE") : VERSION;
}

export function unitOf(draft: Draft, drafts: readonly Draft[]): string | undefined {
  return draft.copy === undefined ? sharedWithCopies(draft, drafts)[0]?.copy?.unit : draft.copy.unit;
}

/** The copies whose image it runs. */
function sharedWithCopies({ manifest }: Draft, drafts: readonly Draft[]): readonly Draft[] {
  return manifest.sharesImageOf === undefined ? [] : targetsOf(manifest.sharesImageOf, drafts).filter((target) => target.copy !== undefined);
}

/**
 * Whom to call of a service whose copies are switched by themselves: `PREFIX_HOST_FILE`, one line that ops/deploy replaces. The edge
 * has its own way, and a caller that is deployed together with what it calls has no need.
 */
export function liveFiles({ manifest }: Draft, drafts: readonly Draft[]): Record<string, string> {
  return Object.fromEntries(
    manifest.talksTo.flatMap((flow): [string, string][] => {
      const target = flow.env === undefined ? undefined : targetsOf(flow.to, drafts)[0];
      return target?.copy?.unit === undefined ? [] : [[`${flow.env}_HOST_FILE`, `/run/live/${target.copy.of}`]];
    }),
  );
}

export function withLive(overlay: Overlay, files: Readonly<Record<string, string>>): Overlay {
  if (Object.keys(files).length === 0) return overlay;
  const mount: Mount = {
    kind: "bind",
    source: "${STATE_DIR:-./state}/live",
    target: "/run/live",
    readOnly: true,
    why: "Which copy of what it calls has the traffic. A folder, so that a file replaced in it is seen.",
  };
  return {
    ...overlay,
    environment: Object.fromEntries(Object.entries({ ...files, ...overlay.environment }).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    volumes: [...overlay.volumes, mount],
  };
}
