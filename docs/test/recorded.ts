/** A recording of a live peer, as it is saved. */
import { toBase64url } from "../../src/core/crypto/bytes.ts"
import { encodeFrame } from "../../src/core/frame.ts"

const recordedStep = (at: number, from: string, to: string) =>
  JSON.stringify({
    ...{ at, contact: 1, id: "link/main", event: "LinkOpened", from, to, commands: ["announceOpen"] },
    context: { attempt: at, everOpen: true },
  })

/** Of a sealed frame: an index, and what nobody can read. */
const SEALED = encodeFrame({ kind: "sealed", ciphertext: new Uint8Array(300) })

export const RECORDED = [
  '{"recording":"sotto","version":1,"texts":true,"dropped":7}',
  recordedStep(0, "waiting", "connecting"),
  recordedStep(10, "connecting", "waiting"),
  '{"at":12,"contact":1,"news":"messageArrived","text":"<img src=x>"}',
  `{"at":12,"contact":1,"way":"out","kind":"sealed","length":${SEALED.length},"bytes":"${toBase64url(SEALED)}"}`,
  '{"at":12,"contact":1,"way":"in","kind":"bundle","length":9000}',
  '{"at":13,"contact":2,"news":"paired"}',
  "",
].join("\n")
