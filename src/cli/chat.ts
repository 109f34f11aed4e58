/** `sotto chat`: the same pairing and conversation from a terminal. */
import { mkdirSync, writeFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { memory } from "../adapters/storage/memory.ts"
import { sqlite } from "../adapters/storage/sqlite.ts"
import { peerjs } from "../adapters/transport/peerjs.ts"
import { passphrase } from "../adapters/unlock/passphrase.ts"
import type { Contact, Messenger } from "../face.ts"
import { createMessenger, SottoError } from "../index.ts"
import { record } from "../recording.ts"
import { CliError, optionsOf } from "./cli-error.ts"
import { makeFollower } from "./lines.ts"
import { askAt } from "./passphrase.ts"
import { BROKER_PATH } from "./serve.ts"
import { commandsOf } from "./talking.ts"
import { plain } from "./terminal.ts"

const HELP = `sotto chat [invite]: talk from this terminal

  invite            a link or its text; without one, you create an invite to pass on
  --broker URL      the connection service (default http://127.0.0.1:7337/, as sotto serve has it)
  --name NAME       what your contacts see
  --profile NAME    keep contacts and messages under this name, in ~/.local/share/sotto, sealed with a passphrase that
                    is asked for (without: nothing is kept)
  --contact NAME    go on with this contact of the profile
  --record FILE     write down what the machines did, for a bug report: no keys, no names, no texts (see sotto inspect)

While talking: /number shows the safety number, /verify marks it as compared, /inside shows the machines, /quit ends.
/edit TEXT and /delete change your last message for both, /react EMOJI answers their last one, /timer 1 hour (or off)
lets messages disappear from then on, /reclaim goes on here where another copy of the profile took over.`

export const chatCommand = async (words: ReadonlyArray<string>): Promise<void> => {
  const parsed = optionsOf(
    words,
    {
      broker: { type: "string" },
      name: { type: "string" },
      profile: { type: "string" },
      contact: { type: "string" },
      record: { type: "string" },
    },
    HELP,
  )
  if (parsed === undefined) return
  const { broker = "http://127.0.0.1:7337/", contact, name, profile } = parsed.values
  const say = (line: string) => void process.stdout.write(`${plain(line)}\n`)
  const input = inputLines()
  try {
    await using me = await open({
      broker,
      input,
      ...(name !== undefined && { name }),
      ...(profile !== undefined && { profile }),
    })
    const recorder = parsed.values.record === undefined ? undefined : record(me)
    if (me.status.get() === "elsewhere") throw new CliError(`the profile "${profile}" is open in another process.`)
    const peer = await meet(me, parsed.positionals[0], contact, say)
    try {
      await talk(peer, say, input)
    } finally {
      if (recorder !== undefined) writeFileSync(parsed.values.record!, recorder.text(), { mode: 0o600 })
    }
  } catch (error) {
    if (error instanceof SottoError) throw new CliError(error.message)
    throw error
  }
  // WebRTC keeps threads of its own.
  process.exit(process.exitCode ?? 0)
}

const open = async (options: {
  readonly broker: string
  readonly name?: string
  readonly profile?: string
  readonly input: Input
}): Promise<Messenger> => {
  const url = URL.parse(options.broker)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CliError("--broker is a URL, such as http://127.0.0.1:7337/", 2)
  const webrtc = await import("node-datachannel/polyfill").catch(() => {
    throw new CliError(
      "WebRTC in Node needs the package node-datachannel. Install it beside sotto: npm install node-datachannel",
    )
  })
  const secure = url.protocol === "https:"
  const service = peerjs({
    host: url.hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    path: BROKER_PATH,
    secure,
    webrtc: webrtc as unknown as NonNullable<Parameters<typeof peerjs>[0]["webrtc"]>,
  })
  const base = { transports: [service], appUrl: url.href, ...(options.name !== undefined && { name: options.name }) }
  if (options.profile === undefined) return createMessenger({ ...base, storage: memory() })
  const storage = sqlite(profileFile(options.profile))
  const ask = askAt(process.stdin, options.input.next, (text) => void process.stderr.write(text))
  try {
    return await createMessenger({ ...base, storage, unlock: passphrase(ask) })
  } catch (error) {
    // A profile from before there were vaults goes on as it was.
    if (!(error instanceof SottoError) || error.code !== "storageNotSealed") throw error
    process.stderr.write("This profile is not sealed: anybody who gets at its file can read it.\n")
    return createMessenger({ ...base, storage })
  }
}

/** The lines of the input, for whoever asks next. It is opened when it is first needed. */
interface Input {
  readonly next: () => Promise<string | undefined>
  readonly close: () => void
}

const inputLines = (): Input => {
  let opened: { readonly close: () => void; readonly lines: AsyncIterator<string> } | undefined
  const open = () => {
    const lines = createInterface({ input: process.stdin, terminal: false })
    return { close: () => lines.close(), lines: lines[Symbol.asyncIterator]() }
  }
  return {
    next: async () => {
      opened ??= open()
      const { done, value } = await opened.lines.next()
      return done === true ? undefined : value
    },
    close: () => opened?.close(),
  }
}

const profileFile = (profile: string): string => {
  if (!/^[\w.-]{1,64}$/.test(profile)) throw new CliError("--profile is a name of letters, digits, dots and dashes.", 2)
  const folder = join(process.env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "sotto")
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return join(folder, `${profile}.sqlite`)
}

/** The contact to talk to: one we know, one who invited us, or one who uses our invite. */
const meet = async (
  me: Messenger,
  text: string | undefined,
  wanted: string | undefined,
  say: (line: string) => void,
): Promise<Contact> => {
  const known = me.contacts.get()
  if (wanted !== undefined) {
    const found = known.find(({ id, name }) => name === wanted || id === wanted)
    if (found === undefined) throw new CliError(`there is no contact "${wanted}" in this profile.`)
    return found
  }
  if (text !== undefined) {
    const { claimedName, services } = await me.preview(text)
    say(`Connecting to ${claimedName ?? "the inviter"} through ${services.join(", ") || "no service"} …`)
    const contact = await me.accept(text)
    await paired(contact)
    return contact
  }
  const [only] = known
  if (only !== undefined && known.length === 1) return only
  if (known.length > 1)
    throw new CliError(`choose one with --contact: ${known.map(({ name, id }) => name || id).join(", ")}`)
  const invite = await me.invite({ expiresIn: "1 hour" })
  say("Pass this invite on privately. It works once, for an hour, while this stays open:\n")
  say(`  ${invite.url}\n`)
  return invite.joined()
}

const paired = (contact: Contact): Promise<void> =>
  new Promise((resolve, reject) => {
    contact.session.subscribe(({ failure, state }) => {
      if (state === "established") resolve()
      if (state === "failed") reject(new CliError(`pairing did not succeed (${failure}). Ask for a new invite.`))
    })
  })

const talk = async (peer: Contact, say: (line: string) => void, input: Input): Promise<void> => {
  say(`Paired${peer.name === "" ? "" : ` with ${peer.name}`}. Every message is sealed by four layers. /quit ends.`)
  const follower = makeFollower(peer, say)
  // Both before anything else happens, so that no change falls between.
  const changing = (async () => {
    for await (const change of peer.changes) {
      if (change.type === "changed") follower.changed(change.message)
      else if (change.type === "removed") follower.removed(change.cursor)
    }
  })()
  const reading = (async () => {
    for await (const message of peer.messages()) {
      follower.entry(message)
      if (message.from !== "me") await peer.markRead(message.cursor).catch(() => undefined)
    }
  })()
  let [link, session] = ["", ""]
  const stops = [
    peer.connection.subscribe(({ state }) => {
      if (state !== link) say(`(${state})`)
      link = state
    }),
    peer.session.subscribe(({ state }) => {
      if (state !== session && state === "replaced") say("(stopped: /reclaim goes on here)")
      session = state
    }),
  ]
  const act = commandsOf(peer, say, follower)
  for (let line = await input.next(); line !== undefined && line !== "/quit"; line = await input.next()) {
    if (line === "") continue
    await act(line).catch((error: unknown) => {
      if (!(error instanceof SottoError)) throw error
      say(`! ${error.message}`)
    })
  }
  for (const stop of stops) stop()
  input.close()
  void reading
  void changing
}
