/**
 * One thing that is wrong, said so that a person can mend it.
 * `code` is stable: tests and scripts may rely on it; `message` and `hint` are for reading.
 */
export interface Problem {
  readonly code: string;
  /** `file:line`, `file`, or the name of the input (`--set tls`); empty when no place is known. */
  readonly at: string;
  readonly message: string;
  /** The next step, as short as a command where there is one. */
  readonly hint: string;
}

/** Thrown where a stage cannot go on; carries every problem that was collected. */
export class ProblemError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.code}: ${problem.message}`).join("\n"));
    this.name = "ProblemError";
    this.problems = problems;
  }
}

/** Makes an unhandled union member a type error at build time and a loud one at run time. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
