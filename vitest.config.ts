import { defineConfig } from "vitest/config"

/** What drives real browsers runs one file at a time, after the rest: two cores do not carry two pairs of Chromiums. */
const BROWSERS = [
  "test/e2e/**/*.test.ts",
  "test/browser/**/*.test.ts",
  "test/adapters/storage/{indexeddb,opfs,tabs}.test.ts",
]

export default defineConfig({
  test: {
    reporters: ["default", ["json", { outputFile: "artifacts/test-report.json" }]],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: [...BROWSERS, "test/interop/**", "test/bench/**", "**/node_modules/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "browsers",
          include: BROWSERS,
          globalSetup: ["test/build-app.ts"],
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
