/** Saving and restoring as a user does it, over the public face. */
import { assert } from "vitest"
import { generateRecoveryPhrase } from "../../src/backup.ts"
import { type Contact, type Messenger, SottoError } from "../../src/index.ts"
import { talk } from "./people.ts"
import type { World } from "./world.ts"

export const phrase = generateRecoveryPhrase()

export const bytesOf = async (file: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for await (const part of file) parts.push(part)
  return Buffer.concat(parts)
}

export const save = (world: World, me: Messenger, recoveryPhrase: string) =>
  world.hear(me.backup({ recoveryPhrase }).then(bytesOf))

export const refusal = (world: World, promise: Promise<unknown>): Promise<string> =>
  world.hear(
    promise.then(
      () => "nothing",
      (error: unknown) => {
        assert.instanceOf(error, SottoError)
        return (error as SottoError).code
      },
    ),
  )

export const shown = async (world: World, contact: Contact) =>
  (await talk(world, contact)).map(({ at, cursor, from, gap, id, text }) => ({ at, cursor, from, gap, id, text }))

export const deliver = async (world: World, contact: Contact, text: string) =>
  world.hear((await world.hear(contact.send(text))).until("delivered"))
