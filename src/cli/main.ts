#!/usr/bin/env node
/** The `sotto` command: which subcommand, and what it says when the words are off. */
import { CliError } from "./cli-error.ts"

const HELP = `sotto: private messaging that needs no account and no server that can read it

  sotto serve   serve the chat app and a connection service (PeerJS broker) from this machine
  sotto chat    talk from this terminal
  sotto inspect step through a recording of a live peer
  sotto fuzz    try whole systems, and adapters of yours, in a simulator that makes everything fail

sotto <command> --help says more about one of them.`

/** Loaded when asked for: serving files needs no engine. */
const commands: Readonly<Record<string, () => Promise<(words: ReadonlyArray<string>) => Promise<void>>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  chat: async () => (await import("./chat.ts")).chatCommand,
  inspect: async () => (await import("./inspect.ts")).inspectCommand,
  fuzz: async () => (await import("./fuzz.ts")).fuzzCommand,
}

const [name, ...words] = process.argv.slice(2)
const command = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name]

if (command === undefined) {
  const asked = name === undefined || name === "help" || name === "--help" || name === "-h"
  const say = asked ? process.stdout : process.stderr
  if (!asked) say.write(`sotto: there is no command "${name}".\n\n`)
  say.write(`${HELP}\n`)
  process.exitCode = asked ? 0 : 2
} else {
  try {
    await (await command())(words)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    process.stderr.write(`sotto ${name}: ${error.message}\n`)
    process.exitCode = error.status
  }
}
