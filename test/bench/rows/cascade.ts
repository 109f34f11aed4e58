/** A message through all four layers, beside one layer of core-crypto, and beside the primitives that it is made of. */
import * as Effect from "effect/Effect"
import { defaultCrypto } from "../../../src/adapters/crypto/default.ts"
import { floorOf } from "../floor.ts"
import { atMost, compare, type Entrant } from "../harness.ts"
import { minimalLayers } from "../minimal-layers.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughCascade } from "../ours.ts"
import * as coreCrypto from "../peers/core-crypto.ts"
import type { Row } from "../result.ts"

const OURS = "Sotto, four layers"
const THEIRS = "core-crypto, one MLS layer (wasm)"
const BATCHED = "core-crypto, one transaction for all"
const FLOOR = "our primitives alone"
/** What is below every figure of the layers. */
const MINIMAL = "minimal layers"

export const cascade: Row = {
  id: "cascade",
  title: "Full cascade, 1 KiB sealed and opened, both ends",
  how:
    "Ours through MLS, Signal, KEM and AES with all padding, in memory. core-crypto through its MLS layer, its database in memory, " +
    "a transaction a message as it is used, and all messages of a round in one transaction, so that nothing of its database is counted. " +
    "The floor is the primitives of the four layers one after the other, under keys that stay, and nothing else. The minimal layers are what the protocols force " +
    "on whoever computes with our primitives: fresh keys, headers, MACs, both of MLS's encryptions, a chunk of the braid, padding, states copied as they change; and nothing that decides.",
  run: async () => {
    const content = crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES))
    const message = throughCascade(await run(acquainted()), content)
    const library = await coreCrypto.load()
    const [alice, bob] = await coreCrypto.pair(
      library,
      await coreCrypto.client(library, 1),
      await coreCrypto.client(library, 2),
    )
    const supplier = defaultCrypto()
    const { aes, kem, mls, signal } = await run(floorOf(supplier))
    const minimal = Effect.orDie(await run(minimalLayers(supplier, content)))
    const part = (name: string, works: ReadonlyArray<Effect.Effect<unknown, unknown>>): Entrant => {
      const work = Effect.orDie(Effect.forEach(works, (one) => one, { discard: true }))
      return { name, run: (times) => run(repeat(work, times)) }
    }
    const { contenders, ratio, rounds } = await compare([
      { name: OURS, run: (times) => run(repeat(message, times)) },
      {
        name: THEIRS,
        run: async (times) => {
          for (let i = 0; i < times; i++) await bob.decrypt(await alice.encrypt(content))
        },
      },
      { name: BATCHED, run: (times) => alice.stream(bob, content, times) },
      part(FLOOR, [...mls, ...signal, ...kem, ...aes]),
      { name: MINIMAL, run: (times) => run(repeat(minimal, times)) },
    ])
    const perSecond = 1e6 / contenders.find(({ name }) => name === OURS)!.median
    return {
      contenders,
      figures: [
        atMost(`four layers ÷ ${THEIRS}`, ratio(OURS, THEIRS), 0.8),
        { says: `four layers ÷ ${BATCHED}`, unit: "×", value: ratio(OURS, BATCHED) },
        atMost(`four layers ÷ ${FLOOR}`, ratio(OURS, FLOOR), 1.25),
        { says: `${MINIMAL} ÷ ${THEIRS}`, unit: "×", value: ratio(MINIMAL, THEIRS) },
        { says: `${MINIMAL} ÷ ${FLOOR}`, unit: "×", value: ratio(MINIMAL, FLOOR) },
      ],
      notes: [`${perSecond.toFixed(0)} messages a second; ${rounds.get(OURS)!.length} rounds`],
    }
  },
}
