/** The writing half of the I/O room, apart from the loading half, whose schema library a scaffold does not need. */
export { readExisting } from "./read-existing.ts";
export { checkTarget, planChanges, writeProject } from "./write-project.ts";
export type { OnConflict, PlannedChange, WriteOptions, WriteResult } from "./write-project.ts";
