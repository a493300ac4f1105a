import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files in name order: what stops services comes after what looks at them. */
export class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => (a.moduleId < b.moduleId ? -1 : 1));
  }
}
