/**
 * All tests, as `npm test` runs them, in two lanes side by side: tests that compute, and tests that drive real engines in real
 * browsers, one file at a time, which wait for more than half of their time. What the second lane prints comes when it is whole.
 */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const run = (
  command: string,
  args: ReadonlyArray<string>,
  waits: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", ...(waits ? (["pipe", "pipe"] as const) : (["inherit", "inherit"] as const))],
    })
    const printed: Array<Uint8Array> = []
    child.stdout?.on("data", (bytes: Uint8Array) => printed.push(bytes))
    child.stderr?.on("data", (bytes: Uint8Array) => printed.push(bytes))
    child.on("error", (error) => printed.push(Buffer.from(`${command} could not be started: ${error.message}\n`)))
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(printed))
      resolve(code === 0)
    })
  })

const vitest = (report: string, projects: ReadonlyArray<string>, waits: boolean) =>
  run(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", ...projects.flatMap((project) => ["--project", project])],
    waits,
    { TEST_REPORT: report },
  )

const lanes = await Promise.all([
  vitest("test-report", ["node", "screens"], false),
  vitest("test-report-browsers", ["browsers"], true).then(
    async (passed) => (await run(process.execPath, ["test/interop/run.ts"], true)) && passed,
  ),
])
if (lanes.includes(false)) {
  console.error("Not all tests passed.")
  process.exitCode = 1
}
