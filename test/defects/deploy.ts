import type { BootDefect } from "./boot.ts";

/** How a version gets the traffic. */
export const DEPLOY_DEFECTS: readonly BootDefect[] = [
  {
    id: "smoke-ignored",
    breaks: "a deploy does not look at what the smoke test says",
    caughtBy: "PROD-3 a deploy that fails or is interrupted leaves the old version: smoke",
    apply: (p) => p.patch("ops/deploy", 'smoke_copy "$NEXT" ||', 'smoke_copy "$NEXT" || : ||'),
  },
  {
    id: "ill-copy-live",
    breaks: "a deploy does not wait until the new copy is healthy",
    caughtBy: "PROD-3 a deploy that fails or is interrupted leaves the old version: start",
    apply: (p) => p.patch("ops/lib/containers.sh", '  until_well "$seconds" "$@"\n', ""),
  },
  {
    id: "old-copy-killed",
    breaks: "a deploy kills the old copy as soon as the new one has the traffic",
    caughtBy: "PROD-1 deploys and rollbacks under load",
    apply: (p) => p.patch("ops/deploy", "SWITCHED=yes\n", 'SWITCHED=yes\ndc --profile "$LIVE" kill $(services_of "$LIVE" web) >/dev/null 2>&1\n'),
  },
];
