/** Handshakes with one known fault each. Every invariant of the handshake must notice its own. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { Crypto } from "../../src/core/crypto/crypto.ts"
import { type HandshakeObservation, handshakeInvariants } from "../../src/spec/invariants/handshake.ts"
import { byId } from "../../src/spec/invariants/invariant.ts"
import { noble } from "../core/crypto/suppliers.ts"
import { type Edit, withFault } from "../mutant.ts"
import type * as AheadGames from "./fixture/ahead-games.ts"
import type * as Runs from "./fixture/handshake-runs.ts"
import type * as Games from "./fixture/key-games.ts"
import type * as Parties from "./fixture/parties.ts"
import type * as Thefts from "./fixture/thief-games.ts"

interface Mutant {
  readonly breaks: string
  readonly fault: string
  readonly edits: ReadonlyArray<Edit>
  readonly observe: (edits: ReadonlyArray<Edit>) => Promise<HandshakeObservation>
}

const run = <A>(effect: Effect.Effect<A, never, Crypto>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, Crypto, noble))

const inGames =
  (pick: (games: typeof Games) => Games.Game) =>
  (edits: ReadonlyArray<Edit>): Promise<HandshakeObservation> =>
    withFault(edits, "test/attacks/fixture/key-games.ts", (games: typeof Games) => run(pick(games).play))

const inThefts =
  (pick: (games: typeof Thefts) => Games.Game) =>
  (edits: ReadonlyArray<Edit>): Promise<HandshakeObservation> =>
    withFault(edits, "test/attacks/fixture/thief-games.ts", (games: typeof Thefts) => run(pick(games).play))

const inRuns =
  (observe: (runs: typeof Runs) => Promise<HandshakeObservation>) =>
  (edits: ReadonlyArray<Edit>): Promise<HandshakeObservation> =>
    withFault(edits, "test/attacks/fixture/handshake-runs.ts", observe)

const inAhead =
  (observe: (games: typeof AheadGames) => Promise<HandshakeObservation>) =>
  (edits: ReadonlyArray<Edit>): Promise<HandshakeObservation> =>
    withFault(edits, "test/attacks/fixture/ahead-games.ts", observe)

const named = (games: ReadonlyArray<Games.Game>, part: string): Games.Game =>
  games.find(({ name }) => name.includes(part))!

const HANDSHAKE = "src/core/handshake"
const AHEAD = `${HANDSHAKE}/making-ahead.ts`
const HANDLERS = "src/core/contact/handlers"

const mutants: ReadonlyArray<Mutant> = [
  {
    breaks: "HS-1",
    fault: "the MAC of a message is not looked at",
    edits: [[`${HANDSHAKE}/envelope.ts`, "? rest\n    : undefined", "? rest\n    : rest"]],
    observe: inGames(({ alteredGame }) => alteredGame("hello", 0, 5)),
  },
  {
    breaks: "HS-2",
    fault: "the transcript leaves the channel out",
    edits: [[`${HANDSHAKE}/transcript.ts`, "...(binding !== undefined && { binding }),", ""]],
    observe: (edits) =>
      withFault(edits, "test/attacks/fixture/parties.ts", ({ makeInviter, observed }: typeof Parties) =>
        run(
          Effect.gen(function* () {
            const [alice, bob] = [yield* makeInviter, yield* makeInviter]
            const bindings = { inviter: Uint8Array.of(1), joiner: Uint8Array.of(2) }
            return yield* observed(alice, bob.own, { bindings })
          }),
        ),
      ),
  },
  {
    breaks: "HS-3",
    fault: "the joiner's key is not tried before it is needed",
    edits: [
      [
        "src/core/layers/kem/establish.ts",
        'if (start.role === "inviter") yield* checkPeerKey(crypto, start.peerStatic)',
        "",
      ],
    ],
    observe: inGames(({ invalidKeyGames }) => named(invalidKeyGames, "Accept: unreduced static KEM key")),
  },
  {
    breaks: "HS-4",
    fault: "a list of suites that begins like ours is ours",
    edits: [[`${HANDSHAKE}/suites.ts`, "suites.length === SUITES.length && SUITES.every(", "suites.every("]],
    observe: inGames(({ strippedGames }) => named(strippedGames, "no layer at all")),
  },
  {
    breaks: "HS-5",
    fault: "a repeated Hello is greeted anew",
    edits: [[`${HANDLERS}/inviter.ts`, "equal(greeting.hello, hello)", "greeting.hello === hello"]],
    observe: inRuns(({ play, replaying }) => play(replaying())),
  },
  {
    breaks: "HS-6",
    fault: "one-time keys are kept",
    edits: [[`${HANDLERS}/inviter.ts`, "erase: [deskAt(at).oneTime],", "erase: [],"]],
    observe: inRuns(({ play }) => play(async () => true)),
  },
  {
    breaks: "HS-7",
    fault: "a known peer may come with other keys",
    edits: [
      [
        `${HANDSHAKE}/messages.ts`,
        "return staticsHash === undefined || equal(hashStaticPublic(crypto, found.statics), staticsHash) ? found : undefined",
        "return staticsHash === undefined ? found : found",
      ],
    ],
    observe: inThefts(({ impostorGames }) => named(impostorGames, "a known joiner")),
  },
  {
    breaks: "HS-8",
    fault: "the inviter says its Confirm once",
    edits: [
      ["src/machines/inviter.ts", 'after: { repeat: { target: "confirming", reenter: true } },', ""],
      [
        "src/machines/inviter.ts",
        'AcceptArrived: {\n              target: "confirming",',
        'Nothing: {\n              target: "confirming",',
      ],
    ],
    observe: inRuns(({ byPlan, play }) => play(byPlan(new Map([[3, "lost"]])))),
  },
  {
    breaks: "HS-9",
    fault: "one's own KEM key is as good as another's",
    edits: [[`${HANDSHAKE}/agree.ts`, "||\n    equal(own.kem, peer.kem)", ""]],
    observe: inGames(({ ownKeysGames }) => named(ownKeysGames, "kem")),
  },
  {
    breaks: "HS-10",
    fault: "what was given out is still there",
    edits: [[AHEAD, "held = undefined\n      return thing", "return thing"]],
    observe: inAhead(({ given }) => given()),
  },
  {
    breaks: "HS-10",
    fault: "what nobody took outlives the storage",
    edits: [[AHEAD, "yield* Effect.addFinalizer(() => wipe)", ""]],
    observe: inAhead(({ given }) => given()),
  },
  {
    breaks: "HS-10",
    fault: "a healing takes keys from before it",
    edits: [[`${HANDLERS}/joiner.ts`, "isAgain(at) ? undefined : (yield* Ahead)", "(yield* Ahead)"]],
    observe: inAhead(({ healed }) => healed()),
  },
]

describe("the handshake's invariants notice", () => {
  for (const { breaks, edits, fault, observe } of mutants) {
    it(`${breaks}: ${fault}`, async () => {
      const { holds } = byId(handshakeInvariants, breaks)
      assert.isFalse(holds(await observe(edits)), "with the fault")
      assert.isTrue(holds(await observe([])), "and are content without it")
    })
  }
})
