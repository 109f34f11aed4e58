/** Every decoder there is: the protocol's, the layers', and those of our adapters. */
import * as Effect from "effect/Effect"
import { decodeCode, encodeCode } from "../../src/adapters/transport/manual/code.ts"
import { addressOf, placeOf } from "../../src/adapters/transport/peerjs/address.ts"
import { readMessage } from "../../src/adapters/transport/peerjs/message.ts"
import {
  type Description,
  parseDescription,
  printDescription,
} from "../../src/adapters/transport/webrtc/description.ts"
import { fromUtf8, utf8 } from "../../src/core/crypto/bytes.ts"
import { type Decoder, decoders } from "../../src/spec/decoders.ts"
import { layerDecoders } from "../../src/spec/layer-decoders.ts"

const offer: Description = {
  type: "offer",
  mid: "0",
  setup: "actpass",
  ufrag: "abcd",
  pwd: "abcdefghijklmnopqrstuv",
  fingerprint: new Uint8Array(32).fill(7),
  candidates: [{ type: "host", address: { ip: Uint8Array.of(192, 0, 2, 1) }, port: 50_000, priority: 2_113_937_151 }],
}

const address = addressOf({
  broker: { host: "broker.example", port: 443, path: "/", key: "peerjs", secure: true },
  id: new Uint8Array(16),
})

const overText = (decode: (text: string) => unknown) => (bytes: Uint8Array) => {
  const text = fromUtf8(bytes)
  return text === undefined ? undefined : decode(text)
}

const adapterDecoders: ReadonlyArray<Decoder> = [
  {
    name: "peerjs address",
    decode: (at) => placeOf({ kind: "peerjs", at }),
    reencode: (at) => {
      const place = placeOf({ kind: "peerjs", at })
      return place && addressOf(place).at
    },
    seeds: [address.at],
  },
  {
    name: "broker message",
    decode: overText(readMessage),
    seeds: [
      `{"type":"OFFER","src":"a","dst":"b","payload":{"type":"data","connectionId":"dc_1","sdp":{"type":"offer","sdp":${JSON.stringify(printDescription(offer))}}}}`,
      `{"type":"CANDIDATE","src":"a","payload":{"type":"data","connectionId":"dc_1","candidate":{"candidate":"candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host"}}}`,
      `{"type":"EXPIRE","src":"a","dst":"b"}`,
    ].map(utf8),
  },
  {
    name: "session description",
    decode: overText((sdp) => parseDescription("offer", sdp)),
    seeds: [utf8(printDescription(offer))],
  },
  { name: "code by hand", decode: (code) => decodeCode("offer", code), seeds: [encodeCode(offer)!] },
]

export const allDecoders = async (): Promise<ReadonlyArray<Decoder>> => [
  ...decoders,
  ...(await Effect.runPromise(layerDecoders)),
  ...adapterDecoders,
]
