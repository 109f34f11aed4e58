/**
 * Contacts in the order of a list: whoever spoke last comes first. A message moves one of them; the ten thousand others stay where they
 * are, and are not looked at.
 */
import type { HostId } from "../store.ts"
import type { ContactHandle } from "./contact-handle.ts"

export interface Order {
  /** This one may have another place, or none any more. */
  readonly changed: (id: HostId) => void
  readonly list: () => ReadonlyArray<ContactHandle>
}

/** So many that have another place are moved one by one; with more, all are sorted. */
const FEW = 8

/** `find`: the contact to be listed under an id. */
export const makeOrder = (find: (id: HostId) => ContactHandle | undefined): Order => {
  const latest = new Map<HostId, number>()
  const stale = new Set<HostId>()
  let sorted: ReadonlyArray<ContactHandle> = []
  const timeOf = ({ id }: ContactHandle) => latest.get(id)!

  const move = (list: Array<ContactHandle>, id: HostId): void => {
    const before = list.findIndex((one) => one.id === id)
    if (before >= 0) list.splice(before, 1)
    const contact = note(id)
    if (contact === undefined) return
    const after = list.findIndex((one) => timeOf(one) < timeOf(contact))
    list.splice(after < 0 ? list.length : after, 0, contact)
  }

  const note = (id: HostId): ContactHandle | undefined => {
    const contact = find(id)
    if (contact === undefined) latest.delete(id)
    else latest.set(id, contact.latest())
    return contact
  }

  const sort = (): Array<ContactHandle> => {
    const known = new Map(sorted.map((one) => [one.id, one]))
    for (const id of stale) {
      const contact = note(id)
      known.delete(id)
      if (contact !== undefined) known.set(id, contact)
    }
    return [...known.values()].sort((a, b) => timeOf(b) - timeOf(a))
  }

  return {
    changed: (id) => void stale.add(id),
    list: () => {
      if (stale.size === 0) return sorted
      if (stale.size > FEW) sorted = sort()
      else {
        const list = sorted.slice()
        for (const id of stale) move(list, id)
        sorted = list
      }
      stale.clear()
      return sorted
    },
  }
}
