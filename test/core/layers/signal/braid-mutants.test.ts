/**
 * The braid with one fault each, in a copy of the source. Every invariant must notice its own: MUTANT_TICKS bounds how long the
 * chaos lasts.
 */
import { describe, expect, it } from "vitest"
import type * as Run from "../../../../src/spec/games/braid-run.ts"
import { braidInvariants } from "../../../../src/spec/invariants/braid.ts"
import { broken } from "../../../../src/spec/invariants/invariant.ts"
import { type Edit, withFault } from "../../../mutant.ts"
import { diceCrypto } from "./braid-chaos.ts"

const TICKS = Number(process.env["MUTANT_TICKS"] ?? 20_000)
const SHORT_RUN = 1_000
/** Enough for messages of epochs that are long over. */
const LONG_RUN = 5_000

interface Mutant {
  readonly fault: string
  readonly breaks: ReadonlyArray<string>
  readonly run?: number
  readonly edits: ReadonlyArray<Edit>
}

const MACHINE = "src/machines/braid.ts"
const BRAID = "src/core/layers/signal/braid.ts"
const STATE = "src/core/layers/signal/braid-state.ts"
const CHAINS = "src/core/layers/signal/braid-chains.ts"
const CHUNKS = "src/core/layers/signal/chunks.ts"

const mutants: ReadonlyArray<Mutant> = [
  {
    fault: "counts two epochs where there is one",
    breaks: ["BR-1"],
    edits: [
      [
        BRAID,
        "chains: addEpoch(crypto, braid.chains, secret),",
        "chains: addEpoch(crypto, addEpoch(crypto, braid.chains, secret), secret),",
      ],
      [CHAINS, "MAX_BRAID_EPOCHS = EPOCHS_KEPT + 2", "MAX_BRAID_EPOCHS = 1_000"],
      [STATE, "chains.epochs.at(-1)?.epoch === newest", "newest >= 0"],
    ],
  },
  {
    fault: "goes on to the next epoch before the peer has",
    breaks: ["BR-7", "BR-4", "BR-3"],
    edits: [[MACHINE, "event.epoch === context.epoch + 1", "event.epoch >= context.epoch"]],
  },
  {
    fault: "derives the secret from the sender's part alone on one side",
    breaks: ["BR-2"],
    edits: [
      [
        BRAID,
        "const agreed = agree(crypto, braid, epoch, shared)",
        "const agreed = agree(crypto, braid, epoch, material.seed!)",
      ],
      [
        BRAID,
        "return equal(mac, signed.slice(SECOND_CIPHERTEXT_BYTES)) ? agreed : yield* new Refused()",
        "return agreed",
      ],
    ],
  },
  {
    fault: "begins each epoch's chains from its secret alone, and the same secret each time",
    breaks: ["BR-2"],
    edits: [
      [
        CHAINS,
        "crypto.hkdfSha256(secret, chains.root, ADD_EPOCH, 96)",
        "crypto.hkdfSha256(secret.fill(1), NO_SALT, ADD_EPOCH, 96)",
      ],
    ],
  },
  {
    fault: "sends in the epoch that is being agreed",
    breaks: ["BR-4"],
    edits: [
      [
        BRAID,
        "const sending = nextSendingKey(crypto, next.chains, epoch - 1)",
        "const sending = nextSendingKey(crypto, next.chains, next.chains.epochs.at(-1)!.epoch)",
      ],
    ],
  },
  {
    fault: "gives two messages one index",
    breaks: ["BR-3", "BR-4"],
    edits: [
      [
        CHAINS,
        "key: braidChainKey(derived.slice(0, 32)), index: index + 1 }]",
        "key: braidChainKey(derived.slice(0, 32)), index: index + (index === 2 ? 0 : 1) }]",
      ],
    ],
  },
  {
    fault: "keeps a stored key that was used",
    breaks: ["BR-4"],
    edits: [[CHAINS, "receiving.stored.filter((stored) => stored !== found)", "receiving.stored"]],
  },
  {
    fault: "keeps no key for a message that was passed over",
    breaks: ["BR-4"],
    edits: [[CHAINS, "stored.push({ index: chain.index, key, storedAt: now })", "void now"]],
  },
  {
    fault: "forgets the former epoch as soon as it sends in the next",
    breaks: ["BR-4"],
    edits: [[CHAINS, "const EPOCHS_KEPT = 1", "const EPOCHS_KEPT = 0"]],
  },
  {
    fault: "keeps the chains of every epoch",
    breaks: ["BR-4"],
    run: LONG_RUN,
    edits: [
      [CHAINS, "known.epoch >= epoch - EPOCHS_KEPT", "known.epoch >= 0"],
      [CHAINS, "MAX_BRAID_EPOCHS = EPOCHS_KEPT + 2", "MAX_BRAID_EPOCHS = 1_000"],
    ],
  },
  {
    fault: "holds one key for ever",
    breaks: ["BR-5"],
    edits: [
      [BRAID, "const seed = crypto.random(KEM_SEED_BYTES)", "const seed = crypto.sha512(new Uint8Array(1))"],
      [STATE, "const held = HOLDS[machine.value]", 'const held = [...HOLDS[machine.value], "seed" as const]'],
      [STATE, "held.length === HOLDS[state].length &&", ""],
    ],
  },
  {
    fault: "draws nothing when it encapsulates",
    breaks: ["BR-5"],
    edits: [
      [
        BRAID,
        "const randomness = crypto.random(RANDOMNESS_BYTES)",
        "const randomness = new Uint8Array(RANDOMNESS_BYTES)",
      ],
    ],
  },
  {
    fault: "keeps its encapsulation's randomness out of its record",
    breaks: ["BR-6"],
    edits: [[STATE, "randomness: [5, optional(fixed(RANDOMNESS_BYTES))],", ""]],
  },
  {
    fault: "never turns its chains",
    breaks: ["BR-5"],
    edits: [[CHAINS, "{ key: braidChainKey(derived.slice(0, 32)), index: index + 1 }", "{ key, index: index + 1 }"]],
  },
  {
    fault: "never says that it has the first ciphertext",
    breaks: ["BR-7"],
    edits: [
      [
        MACHINE,
        "SendAsked: { actions: [...sendVectorChunk(true)] }",
        "SendAsked: { actions: [...sendVectorChunk(false)] }",
      ],
    ],
  },
  {
    fault: "sends no chunk past the first ones",
    breaks: ["BR-7"],
    edits: [[CHUNKS, "const at = number % CHUNK_NUMBERS", "const at = Math.min(number, count - 1)"]],
  },
]

/** What an observer of a braid that throws would say: it does not go on. */
const observe = (run: () => Run.BraidObservation): ReadonlyArray<string> => {
  try {
    return broken(braidInvariants, run()).map(({ id }) => id)
  } catch {
    return ["BR-7"]
  }
}

describe("a braid that", () => {
  it.each(mutants.map((mutant) => [mutant.fault, mutant] as const))("%s is caught", async (_, mutant) => {
    await withFault(mutant.edits, "src/spec/games/braid-run.ts", async ({ runBraid }: typeof Run) => {
      let caught: ReadonlyArray<string> = []
      let seed = 1
      const { run = SHORT_RUN } = mutant
      for (; caught.length === 0 && seed * run <= TICKS; seed++)
        caught = observe(() => runBraid(diceCrypto(seed), seed, run))
      expect(
        caught.some((id) => mutant.breaks.includes(id)),
        `caught by ${caught.join(", ")}`,
      ).toBe(true)
    })
  })

  it("every invariant catches one of", () => {
    const named = new Set(mutants.flatMap(({ breaks }) => breaks))
    expect([...named].sort()).toEqual(braidInvariants.map(({ id }) => id))
  })
})
