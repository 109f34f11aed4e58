/**
 * Minimal peers in two pages (see minimal.ts) over data channels of one connection of their own, beside the engine's: one with the
 * four layers, one with layers that only carry; and the channel's own round trip. The descriptions are carried by whoever measures.
 */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { defaultCrypto } from "../../src/adapters/crypto/default.ts"
import { indexeddb } from "../../src/adapters/storage/indexeddb.ts"
import { sottoCascade } from "../../src/core/layers/profile.ts"
import { carrying } from "./carrying.ts"
import { type Minimal, minimalPeer, streamMinimal } from "./minimal.ts"
import { acquainted, run } from "./ours.ts"
import { textOf } from "./people.ts"
import { clock } from "./stages.ts"

export type Kind = "layers" | "carrying"

/** Each is handed over as soon as it is sealed or opened, so that the other page works at the same time: of 1 to 64 this is the fastest. */
const TOGETHER = 1

const { encode, open, seal } = sottoCascade
/** As they are before anybody times them. */
const CASCADES = { layers: { encode, open, seal }, carrying } as const
const LABELS = ["layers", "carrying", "echo"] as const

const connection = new RTCPeerConnection()
const channels = LABELS.map((label, id) => connection.createDataChannel(label, { ordered: true, negotiated: true, id }))
for (const channel of channels) channel.binaryType = "arraybuffer"
const [forLayers, forCarrying, forEcho] = channels as [RTCDataChannel, RTCDataChannel, RTCDataChannel]

let peers: Record<Kind, Minimal>
/** When messages were told, and when frames left and came. */
const told: Array<number> = []
const left: Array<number> = []
const came: Array<number> = []

const gathered = async (): Promise<string> => {
  while (connection.iceGatheringState !== "complete")
    await new Promise((resolve) => connection.addEventListener("icegatheringstatechange", resolve, { once: true }))
  return JSON.stringify(connection.localDescription)
}

export const offerMinimal = async (): Promise<string> => {
  await connection.setLocalDescription(await connection.createOffer())
  return gathered()
}

export const answerMinimal = async (offer: string): Promise<string> => {
  await connection.setRemoteDescription(JSON.parse(offer))
  await connection.setLocalDescription(await connection.createAnswer())
  return gathered()
}

export const takeMinimal = (answer: string): Promise<void> => connection.setRemoteDescription(JSON.parse(answer))

/** A session agreed here: the other page's side of it, as numbers. */
export const agreeMinimal = async (): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const { one, other } = await run(acquainted())
  await startMinimal(encodeState(one), one.role)
  return encodeState(other)
}

type Encoded = ReadonlyArray<ReadonlyArray<number>>
const encodeState = (state: Parameters<typeof encode>[0]): Encoded => {
  const { aes, kem, mls, signal } = encode(state)
  return [state.transcript, mls, signal, kem, aes].map((bytes) => [...bytes])
}

/** Opens the storages and speaks from here on. */
export const startMinimal = async (encoded: Encoded, role: "inviter" | "joiner"): Promise<void> => {
  const [transcript, mls, signal, kem, aes] = encoded.map((numbers) => Uint8Array.from(numbers)) as Array<Uint8Array>
  const state = sottoCascade.decode(transcript!, role, { mls: mls!, signal: signal!, kem: kem!, aes: aes! })!
  const scope = await Effect.runPromise(Scope.make())
  const speak = async (kind: Kind, channel: RTCDataChannel): Promise<Minimal> => {
    const store = await Effect.runPromise(Scope.provide(indexeddb(`minimal-${kind}`).open, scope))
    const peer = minimalPeer({
      store,
      crypto: defaultCrypto(),
      cascade: CASCADES[kind],
      state,
      transmit: (frame) => {
        left.push(clock())
        channel.send(frame.slice())
      },
      told: () => void told.push(clock()),
      together: TOGETHER,
    })
    channel.onmessage = ({ data }) => {
      came.push(clock())
      peer.heard(new Uint8Array(data))
    }
    return peer
  }
  peers = { layers: await speak("layers", forLayers), carrying: await speak("carrying", forCarrying) }
  forEcho.onmessage = ({ data }) => (data.byteLength === 1 ? forEcho.send(new Uint8Array(2)) : echoed?.(clock()))
}

let echoed: ((at: number) => void) | undefined

/** Milliseconds until a frame of one byte is answered by one of two: once after idling, and of so many right after it the middle one. */
export const roundTrips = async (times: number): Promise<{ readonly idle: number; readonly warm: number }> => {
  const once = async () => {
    const start = clock()
    const back = new Promise<number>((resolve) => {
      echoed = resolve
    })
    forEcho.send(new Uint8Array(1))
    return (await back) - start
  }
  const idle = await once()
  const warm: Array<number> = []
  for (let i = 0; i < times; i++) warm.push(await once())
  return { idle, warm: warm.sort((a, b) => a - b)[times >> 1]! }
}

/** Microseconds a message, from the first until the peer is known to have the last. */
export const streamLeast = async (count: number, inFlight: number): Promise<number> => {
  const start = performance.now()
  await streamMinimal(peers.layers, textOf(1_000), count, inFlight)
  return (1_000 * (performance.now() - start)) / count
}

/** Sends one and answers when that was asked and when its frame left, once the peer is known to have it. */
export const sendLeast = async (kind: Kind): Promise<{ readonly asked: number; readonly left: number }> => {
  left.length = 0
  const asked = clock()
  await peers[kind].send(textOf(1_000))
  return { asked, left: left[0]! }
}

/** When the last frame that told of a message came, and when it was told. */
export const lastTold = (): { readonly came: number; readonly told: number } => {
  const at = { came: came.at(-1)!, told: told.at(-1)! }
  came.length = told.length = 0
  return at
}
