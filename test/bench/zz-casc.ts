import { aesLayer } from "../../src/core/layers/aes/layer.ts"
import { kemLayer } from "../../src/core/layers/kem/layer.ts"
import { mlsLayer } from "../../src/core/layers/mls/layer.ts"
import { signalLayer } from "../../src/core/layers/signal/layer.ts"
import { acquainted, MESSAGE_BYTES, repeat, run, throughCascade, throughLayer, turned } from "./ours.ts"

const content = crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES))
const states = await run(acquainted())
const what = process.argv[2]!
const b = new Uint8Array(32)
const cpu = () => {
  const u = process.threadCpuUsage()
  return u.user + u.system
}
const works: Record<string, import("effect/Effect").Effect<void, never, import("../../src/core/crypto/crypto.ts").Crypto>> | any = {
  cascade: throughCascade(states, content),
  mls: throughLayer(mlsLayer, { one: states.one.layers.mls, other: states.other.layers.mls }, new Uint8Array(2048), b),
  signal: throughLayer(
    signalLayer,
    { one: states.one.layers.signal, other: states.other.layers.signal },
    new Uint8Array(2300),
    b,
  ),
  kem: throughLayer(kemLayer, { one: states.one.layers.kem, other: states.other.layers.kem }, new Uint8Array(2600), b),
  aes: throughLayer(aesLayer, { one: states.one.layers.aes, other: states.other.layers.aes }, new Uint8Array(5120), b),
}
const e2 = { one: states.one.layers.signal, other: states.other.layers.signal }
const there = throughLayer(signalLayer, e2, content, b),
  back = throughLayer(signalLayer, turned(e2), content, b)

import * as Effect from "effect/Effect"

works.turns = Effect.andThen(there, back)
for (const name of what.split(",")) {
  await run(repeat(works[name], +(process.argv[3] ?? 1000)))
  const t: number[] = []
  for (let r = 0; r < 7; r++) {
    const a = cpu()
    await run(repeat(works[name], 200))
    t.push((cpu() - a) / 200)
  }
  t.sort((a, b) => a - b)
  console.log(name, t[3]!.toFixed(0), "best", t[0]!.toFixed(0))
}
