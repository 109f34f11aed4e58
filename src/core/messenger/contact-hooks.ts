/** What a contact's open host says, as what is shown of it and as events for people. Docs: docs/architecture.md, "The face". */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ContactHooks } from "../contact/hooks.ts"
import type { ServiceNews } from "../contact/listening.ts"
import { LINK, SESSION } from "../contact/machines.ts"
import { RECORD } from "../contact/records.ts"
import type { SottoError } from "../errors.ts"
import type { HostId } from "../store.ts"
import type { HandleOptions } from "./contact-handle.ts"
import type { Conversation } from "./conversation.ts"
import type { ShownContact } from "./shown-contact.ts"

/** A peer that stops writing without saying so is taken to have stopped after this long, in milliseconds. */
const TYPING_LASTS = 6_000

/** The contact of which its host speaks. */
interface Spoken extends ShownContact {
  readonly id: HostId
  readonly options: HandleOptions
  readonly learnIdentities: Effect.Effect<void, SottoError>
  readonly talked: () => Conversation | undefined
  readonly onService: (news: ServiceNews) => void
}

/** For one life of the host, which is as long as the scope. */
export const hooksOf = Effect.fnUntraced(function* (one: Spoken): Effect.fn.Return<ContactHooks, never, Scope.Scope> {
  const { id, options, views } = one
  const { listChanged, publish } = options
  const scope = yield* Effect.scope
  const services = yield* Effect.context<never>()
  const clock = yield* Clock.Clock
  const fork = Effect.runForkWith(services)
  let typingNews = 0

  const noticeTyping = Effect.fnUntraced(function* (active: boolean) {
    one.typing.set(active)
    const latest = ++typingNews
    if (!active) return
    yield* Effect.sleep(TYPING_LASTS)
    if (latest === typingNews) one.typing.set(false)
  })

  const paired = Effect.gen(function* () {
    yield* Effect.ignore(one.learnIdentities)
    options.pairingEnded(id, true)
    publish({ type: "paired", contact: id })
    listChanged(id)
  })

  const askPath = Effect.suspend(() =>
    Effect.map(one.wakened()?.links.path ?? Effect.undefined, (path) => {
      one.path = path
      views.connection?.invalidate()
    }),
  )

  return {
    news: (news) => {
      switch (news.type) {
        case "paired":
          fork(paired)
          return
        case "failed":
          options.pairingEnded(id, false)
          publish({ type: "pairingFailed", contact: id, reason: news.reason === "cancelled" ? "cancelled" : "expired" })
          return listChanged(id)
        case "message": {
          views.typing?.set(false)
          const tell = Effect.suspend(() => one.talked()?.at(news.index) ?? Effect.undefined)
          Effect.runFork(
            Effect.ignore(
              Effect.map(tell, (message) => {
                if (message !== undefined) publish({ type: "messageArrived", contact: id, message })
              }),
            ),
          )
          return
        }
        case "typing":
          fork(Effect.forkIn(noticeTyping(news.active), scope))
          return
        case "healed":
          publish({ type: "healed", contact: id, reason: news.reason })
          return listChanged(id)
        case "cloneDetected":
          return publish({ type: "cloneDetected", contact: id })
        case "replaced":
          publish({ type: "replaced", contact: id })
          return listChanged(id)
        case "identityChanged":
          // The number to compare is that of the identity which is waiting.
          fork(Effect.ignore(one.learnIdentities))
          return publish({ type: "identityChanged", contact: id })
        case "refused":
          return publish({ type: "handshakeRefused", contact: id, reason: news.reason })
      }
    },
    changed: (changed) => {
      one.talked()?.committed(changed)
      if (changed.instances.includes(LINK)) views.connection?.invalidate()
      views.session?.invalidate()
      views.machines?.invalidate()
      if (changed.records.includes(RECORD.about)) {
        views.verified?.invalidate()
        listChanged(id)
      }
      if (changed.instances.includes(SESSION)) {
        views.unread?.invalidate()
        listChanged(id)
      }
    },
    inspected: (notice) => {
      if ("ignored" in notice) return
      const at = clock.currentTimeMillisUnsafe()
      const { since } = one
      since.set(notice.id, at)
      if (since.size > 4_096) since.delete(since.keys().next().value!)
      options.inspected(id, notice, at)
    },
    carried: (way, bytes) => options.carried({ contact: id, way, bytes }),
    fault: () => {},
    service: (news) => one.onService(news),
    reassemblyDropped: () => publish({ type: "reassemblyDropped", contact: id }),
    linksChanged: () => {
      views.connection?.invalidate()
      fork(Effect.forkIn(askPath, scope))
    },
  }
})
