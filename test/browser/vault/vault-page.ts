/** What runs inside the browser: a profile in IndexedDB, sealed by the engine under a passphrase, a passkey, or both. */
import { indexeddb } from "../../../src/adapters/storage/indexeddb.ts"
import { memoryNetwork } from "../../../src/adapters/transport/memory.ts"
import { passkey } from "../../../src/adapters/unlock/passkey.ts"
import { passphrase } from "../../../src/adapters/unlock/passphrase.ts"
import { createMessenger, type Messenger, SottoError, type Unlock } from "../../../src/index.ts"

const CHEAP = { cost: { memory: 8, passes: 1, lanes: 1 } }
const words = (text: string) => passphrase(() => text, CHEAP)

let me: Messenger | undefined

const outcome = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof SottoError ? error.code : String(error)),
  )

const unlockOf = (how: "words" | "passkey" | "both"): ReadonlyArray<Unlock> =>
  how === "words" ? [words("open sesame")] : how === "passkey" ? [passkey()] : [words("open sesame"), passkey()]

/** Opens the profile. Answers "done", or with the error's code. */
export const open = (place: string, how: "words" | "passkey" | "both"): Promise<string> =>
  outcome(
    createMessenger({
      name: "Alexandra Canaria",
      storage: indexeddb(place),
      transports: [memoryNetwork().transport()],
      unlock: unlockOf(how),
    }).then((opened) => {
      me = opened
    }),
  )

export const close = async () => me?.close()
export const lock = async () => me?.lock()
export const unlock = (how: "words" | "passkey") => outcome(me!.unlock(unlockOf(how)))
export const addPasskey = () => outcome(me!.vault.addMethod(passkey(), "this device"))
export const status = () => me!.status.get()
export const kinds = () => me!.vault.state.get().methods.map(({ kind }) => kind)
export const name = () => me!.name.get()
