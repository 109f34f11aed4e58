/**
 * When things were first seen by this page: the steps of pairing, and each layer's epochs. The SDK tells counters; a person
 * asks "how long ago".
 */
import { type Signal, signal } from "@preact/signals"
import type { Contact, PairingStep, Session } from "sotto"

export interface Observed {
  /** When each step was first seen. */
  readonly steps: Readonly<Partial<Record<PairingStep, number>>>
  /** By layer: the epoch and since when. `since` is undefined for what was there when the page opened. */
  readonly epochs: Readonly<Record<string, { readonly epoch: number; readonly since: number | undefined }>>
}

const seen = new WeakMap<object, Signal<Observed>>()

/** What is known after `session` was seen at `now`. */
export const advance = (before: Observed | undefined, session: Session, now: number): Observed => {
  const steps = { ...before?.steps }
  steps[session.step] ??= now
  const epochs: Record<string, { epoch: number; since: number | undefined }> = {}
  for (const { layer, epoch } of session.layers) {
    const known = before?.epochs[layer]
    epochs[layer] = known?.epoch === epoch ? known : { epoch, since: before === undefined ? undefined : now }
  }
  return { steps, epochs }
}

export const observe = (contact: Contact): Signal<Observed> => {
  const known = seen.get(contact.session)
  if (known !== undefined) return known
  const made = signal(advance(undefined, contact.session.get(), Date.now()))
  seen.set(contact.session, made)
  contact.session.subscribe((session) => {
    made.value = advance(made.peek(), session, Date.now())
  })
  return made
}
