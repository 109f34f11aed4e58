/** What takes longest is begun first: begun last, it would run on alone. */
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** By the time they take, the longest first. Where a file is not named, larger ones come first. */
const LONGEST = [
  "spec/boundaries-healing",
  "spec/figures-3",
  "spec/figures-1",
  "spec/figures-2",
  "spec/boundaries-restored",
  "spec/boundaries-cloned",
  "spec/killed",
  "spec/simulator-mutants",
  "spec/boundaries",
  "browser/app/accessible-meeting",
  "browser/app/accessible-profile",
  "browser/app/conversation",
  "browser/app/accessible-talking",
  "core/backup/fuzz",
].map((name) => `/test/${name}.test.ts`)

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((end) => moduleId.endsWith(end))
  return place === -1 ? LONGEST.length : place
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}
