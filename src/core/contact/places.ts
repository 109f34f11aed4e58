/**
 * Which number and place a message got that somebody is waiting for. Decided in a turn and known to its submitter once the
 * turn is durable; a turn that fails answers nobody.
 */

export interface Place {
  readonly number: number
  readonly index: number
}

export interface Places {
  /** To be called before the message is submitted; the result answers, once, after it was. */
  readonly expect: (id: string) => () => Place | undefined
  readonly give: (id: string, place: Place) => void
}

export const makePlaces = (): Places => {
  const expected = new Map<string, Place | undefined>()
  return {
    expect: (id) => {
      expected.set(id, undefined)
      return () => {
        const place = expected.get(id)
        expected.delete(id)
        return place
      }
    },
    give: (id, place) => {
      if (expected.has(id)) expected.set(id, place)
    },
  }
}
