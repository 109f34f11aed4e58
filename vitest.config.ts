import { defineConfig } from "vitest/config"
import { LongestFirst } from "./test/order.ts"

/** The app's screens over a fake messenger: they wait more than they compute, so there is one worker more than cores. */
const SCREENS = ["test/browser/app/*.test.ts"]

/** What drives real engines in real browsers runs one file at a time: two cores do not carry two pairs of them. test/run.ts runs it beside the rest. */
const BROWSERS = [
  "test/e2e/**/*.test.ts",
  "test/browser/{crash,crypto,vault,webrtc}/**/*.test.ts",
  "test/adapters/storage/{indexeddb,opfs,tabs}.test.ts",
]

export default defineConfig({
  test: {
    reporters: ["default", ["json", { outputFile: `artifacts/${process.env["TEST_REPORT"] ?? "test-report"}.json` }]],
    sequence: { sequencer: LongestFirst },
    server: { deps: { external: [/\/test\/by-node\.ts$/] } },
    testTimeout: 300_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: [...SCREENS, ...BROWSERS, "test/interop/**", "test/bench/**", "**/node_modules/**"],
          // Files of one worker share what they import: reading the engine anew for each took a third of their time.
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "screens",
          include: SCREENS,
          globalSetup: ["test/browser/app/build.ts"],
          maxWorkers: 3,
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
