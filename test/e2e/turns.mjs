// What a run of the boot suite holds.

/** Every run boots each stack and holds it against these: what no change may break, in three to five minutes a stack. */
export const CORE = [
  "10-files",
  "15-config",
  "16-check",
  "20-edge",
  "25-edge-policy",
  "30-isolation",
  "40-application",
  "42-networks",
  "43-inside-tls",
  "45-django",
  "46-node",
  "48-mongo",
  "50-hardening",
];

/**
 * What operates a stack for minutes, or boots another one beside it: files that take turns, with the seconds they were seen to take on two cores.
 * The first ones are about the repository or the edge, which every stack has alike.
 */
export const TURNS = [{ stack: "django-postgres", seconds: 0, files: ["85-scripts"] }];

/** Seconds that turns may take in one run on two cores; with the cores of all stacks and `pnpm test` that is three quarters of an hour. */
export const SECONDS = 350;

export const STACKS = ["django-postgres", "fastapi-arq-minio", "node-mongo"];

/**
 * @param {number} run
 * @param {number} seconds
 * Which files of which stack a run takes. `run` is a number that grows by one a commit; turns are taken from there on, round and round, while they
 * fit into `seconds`. Returns a list of files by stack, and the turns that are left for other runs.
 */
export function planOf(run, seconds) {
  const files = new Map(STACKS.map((stack) => [stack, [...CORE]]));
  const left = [];
  let room = seconds;
  for (let i = 0; i < TURNS.length; i++) {
    const turn = TURNS[(run + i) % TURNS.length];
    if (turn.seconds > room) {
      left.push(turn);
      continue;
    }
    room -= turn.seconds;
    files.get(turn.stack).push(...turn.files);
  }
  return { files, left };
}
