import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    reporters: ["default", ["json", { outputFile: `${import.meta.dirname}/../../artifacts/test-report-interop.json` }]],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
