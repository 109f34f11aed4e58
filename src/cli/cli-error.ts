/** Something that the person at the terminal can mend: it ends the command with these words and no stack. */
import { type ParseArgsConfig, parseArgs } from "node:util"

export class CliError extends Error {
  /** 2 for words that are off, 1 for everything else. */
  readonly status: number
  constructor(message: string, status = 1) {
    super(message)
    this.status = status
  }
}

type Options = NonNullable<ParseArgsConfig["options"]>

/** The options of a command, strictly; `help` prints the text and answers undefined. */
export const optionsOf = <O extends Options>(words: ReadonlyArray<string>, options: O, help: string) => {
  try {
    const parsed = parseArgs({
      args: [...words],
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
      strict: true,
    })
    if ((parsed.values as { readonly help?: boolean }).help === true) {
      process.stdout.write(`${help}\n`)
      return undefined
    }
    return parsed
  } catch (error) {
    throw new CliError(`${error instanceof Error ? error.message : String(error)}\n\n${help}`, 2)
  }
}

/** A TCP port, 0 for any free one. */
export const portOf = (text: string): number => {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new CliError(`"${text}" is not a port: give a number up to 65535.`, 2)
  return port
}
