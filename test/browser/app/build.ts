/** Builds the app with the fake messenger, once for all test files that open it. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "vite"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the built app. It is served to several files at once: whoever alters it takes a copy. */
    readonly app: string
  }
}

/** Into a new folder, which is the caller's to remove. */
export const buildApp = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "sotto-chat-"))
  await build({
    configFile: new URL("./vite.config.ts", import.meta.url).pathname,
    build: { outDir: folder, emptyOutDir: true },
  })
  return folder
}

export const setup = async ({ provide }: TestProject) => {
  const folder = await buildApp()
  provide("app", folder)
  return () => rm(folder, { recursive: true })
}
