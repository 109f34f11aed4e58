/** How keys of one type lie in a record: 32 bytes that come back as that type. Docs: protocol.md, "Encoding". */
import { fixed, INVALID, type Shape } from "../../codec/codec.ts"

const KEY = fixed(32)

export const secret = <Key extends Uint8Array>(brand: (bytes: Uint8Array) => Key): Shape<Key> => ({
  ...KEY,
  read: (reader) => {
    const bytes = KEY.read(reader)
    return bytes === INVALID ? INVALID : brand(bytes)
  },
})
