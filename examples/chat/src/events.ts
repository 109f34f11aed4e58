/** What the messenger has to tell, and where it goes: the announcer, the services' notices, the page's title. */
import { effect, signal } from "@preact/signals"
import type { Messenger, MessengerEvent } from "sotto"
import { announcer } from "./announcer.ts"
import { live } from "./live.ts"
import { called } from "./names.ts"
import { observe } from "./observed.ts"
import { type Refusal, readable } from "./words.ts"

/** Services that cannot be reached now, as host:port. */
export const unreachable = signal<ReadonlySet<string>>(new Set())

/** By contact: why an answer to our handshake was refused. */
export const refusals = signal<ReadonlyMap<string, Refusal>>(new Map())

/** Set when the engine says that nothing outlives this page. */
export const notDurable = signal(false)

const without = (set: ReadonlySet<string>, one: string) => new Set([...set].filter((other) => other !== one))

type Stop = Extract<MessengerEvent, { readonly type: "stopped" }>["reason"]
type Failure = Extract<MessengerEvent, { readonly type: "storageFailed" }>["reason"]

/** Listens until the returned function is called. `stopped`: the engine ended on its own; `failure`: how its storage failed. */
export const tellOf = (me: Messenger, stopped: (reason: Stop, failure?: Failure) => void): (() => void) => {
  let listening = true
  let failure: Failure | undefined
  const nameOf = (id: string) => called(me.contacts.get().find((contact) => contact.id === id) ?? { name: "" })
  const listen = async () => {
    for await (const event of me.events) {
      if (!listening) return
      if (event.type === "messageArrived") {
        announcer.arrived(event.message.id, { who: nameOf(event.contact), text: readable(event.message.text) })
      } else if (event.type === "paired") announcer.tell(`${nameOf(event.contact)} is connected`)
      else if (event.type === "handshakeRefused") {
        refusals.value = new Map(refusals.value).set(event.contact, event.reason)
      } else if (event.type === "serviceUnreachable") unreachable.value = new Set([...unreachable.value, event.service])
      else if (event.type === "serviceReachable") unreachable.value = without(unreachable.value, event.service)
      else if (event.type === "storageNotDurable") notDurable.value = true
      else if (event.type === "storageFailed") failure = event.reason
      else if (event.type === "stopped") stopped(event.reason, failure)
    }
  }
  unreachable.value = new Set()
  refusals.value = new Map()
  notDurable.value = !me.storage.durable
  void listen().catch(() => stopped("defect"))
  const leaveTitle = effect(() => {
    const contacts = live(me.contacts).value
    const unread = contacts.reduce((sum, contact) => sum + live(contact.unread).value, 0)
    document.title = unread > 0 ? `(${unread}) Sotto` : "Sotto"
  })
  const leaveObserved = effect(() => {
    for (const contact of live(me.contacts).value) observe(contact)
  })
  return () => {
    listening = false
    leaveTitle()
    leaveObserved()
  }
}
