/**
 * Our Signal layer against Signal's own library: installs the library beside these tests where it is absent, then runs them.
 * The library is AGPL and a test-only peer; nothing outside this folder depends on it.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const here = import.meta.dirname
const run = (command: string, args: ReadonlyArray<string>, cwd: string): number =>
  spawnSync(command, args, { cwd, stdio: "inherit" }).status ?? 1

if (!existsSync(`${here}/node_modules/@signalapp/libsignal-client/package.json`)) {
  console.log("Signal's library is not installed here yet: installing @signalapp/libsignal-client (once, some 150 MB).")
  if (run("npm", ["ci", "--no-audit", "--no-fund"], here) !== 0) {
    console.error(
      "It could not be installed, so nothing was compared with Signal's library. Is the npm registry in reach?",
    )
    process.exit(1)
  }
}
process.exit(
  run("npx", ["vitest", "run", "--config", `${here}/vitest.config.ts`, ...process.argv.slice(2)], `${here}/../..`),
)
