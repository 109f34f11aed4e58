/** Builds the chat app once for all tests that open it. */
import { fileURLToPath } from "node:url"
import { build } from "vite"

export const setup = async () => {
  const root = fileURLToPath(new URL("../examples/chat", import.meta.url))
  await build({ root, configFile: `${root}/vite.config.ts`, logLevel: "error" })
}
