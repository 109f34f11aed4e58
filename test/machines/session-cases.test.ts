/** What the session's statechart does at its bounds and after healing, told one by one. */
import { assert, describe, it } from "vitest"
import { createActor } from "xstate"
import { fromRest, step } from "../../src/core/host/step.ts"
import { session } from "../../src/machines/session.ts"
import {
  MAX_EARLY,
  MAX_WAITING,
  MAX_WAITING_BYTES,
  type SessionContext,
  type SessionEvent,
} from "../../src/machines/session-state.ts"
import { commandsIn, isIn, live } from "../../src/spec/machines/life.ts"
import { contextOf, host, MESSAGE } from "./session-lives.ts"

describe("the session's statechart at its bounds", () => {
  it("takes in a full window of early messages in one step", () => {
    const early = Array.from({ length: MAX_EARLY }, (_, i) => ({ number: MAX_EARLY - i, kind: "text" as const }))
    const context = { ...contextOf(live(session, { role: "inviter" }, [])[0]!), early }
    const value = { conversation: { established: "open" }, acknowledging: "idle" }
    const { commands, snapshot } = step(session, fromRest(session, { value, context }), {
      type: "NumberedOpened",
      number: 0,
      kind: "text",
    } as SessionEvent)
    assert.lengthOf(
      commands.filter(({ type }) => type === "showMessage"),
      MAX_EARLY + 1,
    )
    assert.deepEqual((snapshot.context as SessionContext).early, [])
  })

  it("waits for a missing message up to a bound, then shows the gap, and the late one never", () => {
    const opened = (number: number) => ({ tell: { type: "NumberedOpened", number, kind: "text" } as const })
    const early = Array.from({ length: MAX_EARLY }, (_, i) => opened(i + 2))
    const first = { tell: { type: "HandshakeFinished" } as const }
    const waiting = live<SessionEvent>(session, { role: "inviter" }, [first, ...early], host)
    assert.lengthOf(commandsIn(waiting, "showMessage"), 0)
    const one = opened(MAX_EARLY + 2)
    const passed = live<SessionEvent>(session, { role: "inviter" }, [first, ...early, one, opened(1), one], host)
    const shown = commandsIn(passed, "showMessage").map(({ params }) => params as { number: number; gap: number })
    assert.deepEqual(
      shown.map(({ gap, number }) => [number, gap]),
      Array.from({ length: MAX_EARLY + 1 }, (_, i) => [i + 2, i === 0 ? 2 : 0]),
    )
  })

  it("shows what waited where the peer repeats it, and what it does not repeat after all that it does", () => {
    const opened = (number: number, before?: number) => ({
      tell: { type: "NumberedOpened", number, kind: "text", ...(before !== undefined && { before }) } as const,
    })
    const healed = {
      tell: {
        ...({ type: "Healed", base: null, written: 0, bytes: 0, reason: "restored" } as const),
        ...{ theirs: 10, repeats: 3 },
      },
    } as const
    const first = { tell: { type: "HandshakeFinished" } as const }
    const steps = live<SessionEvent>(
      session,
      { role: "inviter" },
      // 2 comes again as 11, and 4 does not: whoever wrote it has forgotten it.
      [first, opened(4), opened(2), healed, opened(11, 2), opened(13), opened(10), opened(12)],
      host,
    )
    const shown = commandsIn(steps, "showMessage").map(({ params }) => params as { number: number; as: number })
    assert.deepEqual(
      shown.map(({ as, number }) => [number, as]),
      [
        [10, 10],
        [11, 11],
        [12, 12],
        [4, 12],
        [13, 13],
      ],
    )
    assert.deepEqual(
      commandsIn(steps, "leaveAside").map(({ params }) => params),
      [{ number: 2 }],
    )
  })

  it("keeps what the peer has ahead of its turn until that has come", () => {
    const acknowledged = (upTo: number, also: ReadonlyArray<number>) => ({
      tell: { type: "AcknowledgementOpened", upTo, also, readUpTo: 0 } as const,
    })
    const steps = live<SessionEvent>(
      session,
      { role: "inviter" },
      [
        { tell: { type: "HandshakeFinished" } },
        ...Array.from({ length: 3 }, () => ({ tell: MESSAGE })),
        acknowledged(0, [2, 3, 99]),
        acknowledged(1, [3]),
        acknowledged(4, []),
      ],
      host,
    )
    assert.deepEqual(
      commandsIn(steps, "settleDeliveries").map(({ params }) => {
        const { apart, passed } = params as { apart: ReadonlyArray<number>; passed: ReadonlyArray<number> }
        return [apart, passed]
      }),
      [
        [[2, 3], []],
        [[2, 3], []],
        [[], [2, 3]],
      ],
    )
  })

  it("takes no more than may wait, but for what takes away", () => {
    const steps = live<SessionEvent>(session, { role: "inviter" }, [
      ...Array.from({ length: MAX_WAITING + 5 }, () => ({ tell: MESSAGE })),
      { tell: { type: "ChangeWritten", id: "01", change: "edit", target: "00", bytes: 1 } },
      { tell: { type: "ChangeWritten", id: "01", change: "deletion", target: "00", bytes: 0 } },
    ])
    assert.lengthOf(commandsIn(steps, "keepMessage"), MAX_WAITING)
    const changes = commandsIn(steps, "keepChange").map(({ params }) => (params as { change: string }).change)
    assert.deepEqual(changes, ["deletion"])
    const long: SessionEvent = { ...MESSAGE, bytes: 65_536 }
    const full = live(
      session,
      { role: "inviter" },
      Array.from({ length: 300 }, () => ({ tell: long })),
    )
    assert.lengthOf(commandsIn(full, "keepMessage"), MAX_WAITING_BYTES / 65_536)
    const { waitingBytes } = contextOf(full.at(-1)!)
    assert.equal(waitingBytes, MAX_WAITING_BYTES)
    // What has gone makes room.
    const gone = step(session, fromRest(session, { value: full.at(-1)!.to, context: full.at(-1)!.context }), {
      type: "HandshakeFinished",
    } as SessionEvent)
    const left = step(session, gone.snapshot, { type: "DeliveryLeft", bytes: 65_536 } as SessionEvent)
    const more = step(session, left.snapshot, long)
    assert.isTrue(more.commands.some(({ type }) => type === "keepMessage"))
  })

  it("goes on in a changed identity's pause after blocking and unblocking", () => {
    const tell = (...events: ReadonlyArray<SessionEvent>) =>
      live(
        session,
        { role: "inviter" },
        events.map((one) => ({ tell: one })),
        host,
      ).at(-1)!
    const paused = [{ type: "HandshakeFinished" }, { type: "IdentityChanged" }] as const
    assert.isTrue(isIn(tell(...paused).to, "conversation.established.paused"))
    const again = [...paused, { type: "Blocked" }, { type: "Unblocked" }] as const
    assert.isTrue(isIn(tell(...again).to, "conversation.established.paused"))
    assert.isTrue(isIn(tell(...again, { type: "Compared", at: null }).to, "conversation.established.paused"))
    assert.isTrue(isIn(tell(...again, { type: "Compared", at: 1 }).to, "conversation.established.open"))
    assert.isTrue(isIn(tell(...again, { type: "ContinuedUnverified" }).to, "conversation.established.open"))
  })

  it("runs as an ordinary XState actor too", () => {
    const actor = createActor(session, { input: { role: "joiner" } }).start()
    actor.send({ type: "HandshakeFinished" })
    assert.isTrue(actor.getSnapshot().matches({ conversation: { established: "open" } }))
    actor.stop()
  })
})
