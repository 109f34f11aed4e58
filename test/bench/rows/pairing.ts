/** A pairing's processor time: our four agreements, beside one of each of others' that ours contain. */
import { atMost, compare } from "../harness.ts"
import { pairUp, run } from "../ours.ts"
import * as coreCrypto from "../peers/core-crypto.ts"
import * as libsignal from "../peers/libsignal.ts"
import type { Row } from "../result.ts"

const OURS = "Sotto, four agreements"
const MLS = "core-crypto MLS set-up (wasm)"
const SIGNAL = "libsignal set-up (Rust)"

export const pairing: Row = {
  id: "pairing",
  title: "Pairing, both sides, processor time",
  how:
    "Ours: every key of both sides generated, Hello, Bundle and Accept made, checked and answered. core-crypto: key package, group, commit, welcome, " +
    "for clients that exist. libsignal: identities, prekeys, bundle, the first message each way. Processor time of all threads.",
  run: async () => {
    const library = await coreCrypto.load()
    const [alice, bob] = [await coreCrypto.client(library, 1), await coreCrypto.client(library, 2)]
    const each = (pair: () => Promise<unknown>) => async (times: number) => {
      for (let i = 0; i < times; i++) await pair()
    }
    const { contenders, ratio } = await compare(
      [
        { name: OURS, run: each(() => run(pairUp)) },
        { name: MLS, run: each(() => coreCrypto.pair(library, alice, bob)) },
        { name: SIGNAL, run: each(libsignal.pair) },
      ],
      { clock: "process" },
    )
    return { contenders, figures: [atMost(`ours ÷ (${MLS} + ${SIGNAL})`, ratio(OURS, MLS, SIGNAL), 2)] }
  },
}
