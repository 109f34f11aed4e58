/**
 * HMAC (RFC 2104) over noble's SHA-2. What a ratchet or a derivation MACs is one or two blocks, and noble's own HMAC makes two hash
 * objects and a pad for each, a third of the time: here one object is used again, and wiped after each use.
 */
import type { CHash, Hash } from "@noble/hashes/utils.js"

const INNER = 0x36
const OUTER = 0x5c

export const hmacOver = <H extends Hash<H>>(hash: CHash<H>): ((key: Uint8Array, data: Uint8Array) => Uint8Array) => {
  const fresh = hash.create()
  const working = hash.create()
  const pad = new Uint8Array(hash.blockLen)
  const begin = (key: Uint8Array, mask: number): H => {
    pad.fill(mask)
    for (let i = 0; i < key.length; i++) pad[i]! ^= key[i]!
    return fresh._cloneInto(working).update(pad)
  }
  return (key, data) => {
    const fitting = key.length > pad.length ? hash(key) : key
    const mac = new Uint8Array(hash.outputLen)
    try {
      begin(fitting, INNER).update(data).digestInto(mac)
      begin(fitting, OUTER).update(mac).digestInto(mac)
      return mac
    } finally {
      working.destroy()
      pad.fill(0)
    }
  }
}
