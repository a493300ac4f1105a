// What a run of the boot suite holds.

/** Every run boots each stack and holds it against these: what no change may break, in three to five minutes a stack. */
export const CORE = [
  "10-files",
  "15-config",
  "16-check",
  "20-edge",
  "25-edge-policy",
  "27-browser",
  "30-isolation",
  "40-application",
  "42-networks",
  "43-inside-tls",
  "45-django",
  "46-node",
  "48-mongo",
  "49-shop",
  "50-hardening",
];

/**
 * What operates a stack for minutes, or boots another one beside it: files that take turns, with the seconds they were seen to take on two cores.
 * What is about the repository or the edge alone (26, 28, 29, 85), and options that are alike in all, have their turn on one stack.
 */
export const TURNS = [
  { stack: "django-postgres", seconds: 160, files: ["26-edge-alone", "28-testssl", "29-acme"] },
  { stack: "fastapi-arq-minio", seconds: 250, files: ["44-objects"] },
  { stack: "django-postgres", seconds: 250, files: ["55-secrets", "60-resilience"] },
  { stack: "node-mongo", seconds: 200, files: ["47-kills", "60-resilience"] },
  { stack: "django-postgres", seconds: 250, files: ["65-backup"] },
  { stack: "fastapi-arq-minio", seconds: 250, files: ["55-secrets", "60-resilience"] },
  { stack: "django-postgres", seconds: 400, files: ["67-deploy"] },
  { stack: "node-mongo", seconds: 250, files: ["55-secrets"] },
  { stack: "django-postgres", seconds: 250, files: ["70-instances", "80-generated"] },
  { stack: "fastapi-arq-minio", seconds: 300, files: ["65-backup"] },
  { stack: "django-postgres", seconds: 200, files: ["85-scripts"] },
  { stack: "node-mongo", seconds: 340, files: ["69-mongo-backup"] },
  { stack: "node-mongo", seconds: 180, files: ["54-mongo-tls"] },
  { stack: "django-postgres", seconds: 300, files: ["88-runbooks"] },
  { stack: "fastapi-arq-minio", seconds: 400, files: ["67-deploy"] },
  { stack: "django-postgres", seconds: 250, files: ["90-development", "92-readme"] },
  { stack: "node-mongo", seconds: 400, files: ["67-deploy"] },
  { stack: "django-postgres", seconds: 220, files: ["66-backup-s3"] },
  { stack: "fastapi-arq-minio", seconds: 250, files: ["70-instances", "80-generated"] },
  { stack: "django-postgres", seconds: 180, files: ["68-pitr"] },
  { stack: "node-mongo", seconds: 250, files: ["70-instances", "80-generated"] },
  { stack: "django-postgres", seconds: 300, files: ["75-pgbouncer"] },
  { stack: "fastapi-arq-minio", seconds: 350, files: ["88-runbooks"] },
  { stack: "django-postgres", seconds: 420, files: ["95-monitoring"] },
  { stack: "node-mongo", seconds: 300, files: ["88-runbooks"] },
  { stack: "django-postgres", seconds: 200, files: ["96-log-shipping"] },
  { stack: "fastapi-arq-minio", seconds: 250, files: ["90-development", "92-readme"] },
  { stack: "django-postgres", seconds: 250, files: ["97-vault"] },
  { stack: "node-mongo", seconds: 250, files: ["90-development", "92-readme"] },
  { stack: "ecommerce-microservices", seconds: 120, files: ["49-shop-browser"] },
  { stack: "ecommerce-microservices", seconds: 400, files: ["51-shop-checkouts"] },
  { stack: "ecommerce-microservices", seconds: 400, files: ["52-shop-deploys"] },
  { stack: "ecommerce-microservices", seconds: 180, files: ["53-shop-whole"] },
  { stack: "ecommerce-microservices", seconds: 350, files: ["55-secrets", "60-resilience"] },
  { stack: "ecommerce-microservices", seconds: 350, files: ["65-backup"] },
  { stack: "ecommerce-microservices", seconds: 120, files: ["70-instances"] },
  { stack: "ecommerce-microservices", seconds: 420, files: ["80-generated"] },
  { stack: "ecommerce-microservices", seconds: 350, files: ["88-runbooks"] },
  { stack: "ecommerce-microservices", seconds: 250, files: ["90-development", "92-readme"] },
];

/** Seconds that turns may take in one run on two cores; with the cores of all stacks and `pnpm test` that is three quarters of an hour. */
export const SECONDS = 420;

export const STACKS = ["django-postgres", "ecommerce-microservices", "fastapi-arq-minio", "node-mongo"];

/**
 * Which files of which stack a run takes. `run` is a number that grows by one a commit; turns are taken from there on, round and round, while they
 * fit into `seconds`. Returns a list of files by stack, and the turns that are left for other runs.
 *
 * @param {number} run
 * @param {number} seconds
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
