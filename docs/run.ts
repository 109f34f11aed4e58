/**
 * The documentation site: `node docs/run.ts dev` serves it while one writes, `build` builds it to dist/docs, `check` builds,
 * checks and tests it. Installs the site's own packages where they are absent.
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"

const here = import.meta.dirname
const [what = "build", ...more] = process.argv.slice(2)

/** Ends with the command's own status where that is not 0. */
const run = async (command: string, args: ReadonlyArray<string>, cwd = here): Promise<void> => {
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: "1" }
  const [status] = (await once(spawn(command, args, { cwd, stdio: "inherit", env }), "exit")) as [number | null]
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(`${here}/node_modules/astro/package.json`)) {
  console.log("The site's packages are not installed yet: installing Astro and what it needs (once, some 250 MB).")
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: here,
    stdio: "inherit",
  })
  if (status !== 0) {
    console.error("They could not be installed, so the site was not built. Is the npm registry in reach?")
    process.exit(1)
  }
}

// What these import was perhaps not there when this file was loaded.
const { generate } = await import("./site/generate.ts")
const { finishPages } = await import("./site/policy.ts")
const root = `${here}/..`
const types = () => run("npx", ["tsc", "-p", "docs", "--noEmit"], root)
await generate()
if (what === "dev") await run("npx", ["astro", "dev", "--host", "127.0.0.1", ...more])
else {
  // `--force`: what was rendered before is kept otherwise, also where the configuration is another now.
  const build = run("npx", ["astro", "build", "--silent", "--force", ...more])
  await Promise.all(what === "check" ? [build, types()] : [build])
  finishPages(`${root}/dist/docs`)
  console.log("The site is in dist/docs; `sotto serve` shows it under /docs/.")
  if (what === "check") await run("npx", ["vitest", "run", "--config", "docs/vitest.config.ts"], root)
}
