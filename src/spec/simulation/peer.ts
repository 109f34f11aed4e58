import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { CryptoService } from "../../core/crypto/crypto.ts"
import { type Engine, makeEngine } from "../../core/engine.ts"
import type { ContactHandle } from "../../core/messenger/contact-handle.ts"
import type { InspectedTransition, MessengerEvent, MessengerStatus } from "../../core/messenger/values.ts"
import type { Storage } from "../../core/store.ts"
import type { Transport } from "../../core/transport.ts"
import type { Process } from "./process.ts"
import type { Sealed } from "./sealed.ts"

export interface Life {
  readonly process: Process
  /** Undefined while it opens, or when it could not. */
  engine: Engine | undefined
  failed: unknown
}

export interface LifeOptions {
  readonly name: string
  readonly process: Process
  readonly storage: Storage
  readonly transport: Transport
  readonly crypto: CryptoService
  readonly inspected: (transition: InspectedTransition) => void
  readonly news: (event: MessengerEvent) => void
  readonly opened: (life: Life) => void
  readonly maxAwake: number | undefined
  /** Where a vault seals the storage. */
  readonly sealed: Sealed | undefined
}

/** Starts the engine in a process. What comes of it shows in `engine` or `failed`. */
export const live = (options: LifeOptions): Life => {
  const { crypto, process, storage, transport } = options
  const life: Life = { process, engine: undefined, failed: undefined }
  const scope = Scope.makeUnsafe()
  const opening = makeEngine({
    name: options.name,
    storage,
    transports: [transport],
    appUrl: "https://sotto.example/",
    crypto,
    ...options.sealed?.engine,
    ...(options.maxAwake !== undefined && { maxAwake: options.maxAwake }),
  })
  process.fork(Scope.provide(opening, scope), (exit) => {
    if (Exit.isFailure(exit)) {
      life.failed = exit.cause
      return options.opened(life)
    }
    const engine = exit.value
    life.engine = engine
    engine.inspect((transition) => {
      if (process.alive()) options.inspected(transition)
    })
    void listen(engine, process, options.news)
    options.opened(life)
  })
  return life
}

const listen = async (engine: Engine, process: Process, heard: (event: MessengerEvent) => void) => {
  const { next } = engine.news.listen()
  for (let event = await next(); event !== undefined && process.alive(); event = await next()) heard(event)
}

/** `locked` also while it opens; `dead` where there is no process. */
export const statusOf = (life: Life | undefined): MessengerStatus | "dead" | "opening" | "failed" => {
  if (life === undefined || !life.process.alive()) return "dead"
  if (life.failed !== undefined) return "failed"
  return life.engine === undefined ? "opening" : life.engine.status.get()
}

export const contactOf = (life: Life | undefined, id: string | undefined): ContactHandle | undefined =>
  id === undefined ? undefined : life?.engine?.contacts.get().find((contact) => contact.id === id)
