import { defineConfig } from "vitest/config"

/** The built site's own tests: `node docs/run.ts check` builds it and runs them. */
export default defineConfig({
  test: {
    include: ["docs/test/**/*.test.ts"],
    reporters: ["default", ["json", { outputFile: "artifacts/test-report-docs.json" }]],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
})
