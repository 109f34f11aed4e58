/**
 * What the tests need beside the packages: a Chromium. Where none is found it is installed from Debian's packages, with a
 * word about it; where that is not possible, this says what to do.
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

const KNOWN = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
]

const found = [process.env["CHROMIUM_PATH"], ...KNOWN].some((path) => path !== undefined && existsSync(path))
if (!found) {
  const canInstall = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0
  if (!canInstall) {
    console.error(
      "The tests drive a real Chromium, and none was found. Install one, or set CHROMIUM_PATH to its executable.",
    )
    process.exit(1)
  }
  console.log("No Chromium found: installing Debian's package chromium (once; about a minute) …")
  for (const words of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
  ]) {
    const done = spawnSync("apt-get", words, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    })
    if (done.status !== 0) {
      console.error(`apt-get ${words.join(" ")} failed. Install Chromium by hand, then run the tests again.`)
      process.exit(1)
    }
  }
  console.log("Chromium is installed.")
}
