import { defineConfig } from "vitest/config"

/** What takes too long for CI's fifteen minutes beside all other tests: all that the stepper does by mouse, keyboard and ear. */
const BY_HAND = ["docs/test/stepper.test.ts"]

/** The built site's own tests: `node docs/run.ts check` builds it and runs them. */
export default defineConfig({
  test: {
    include: ["docs/test/**/*.test.ts"],
    exclude: process.env["CI"] === undefined ? [] : BY_HAND,
    reporters: ["default", ["json", { outputFile: "artifacts/test-report-docs.json" }]],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
})
