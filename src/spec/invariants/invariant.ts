/**
 * What an invariant is: a numbered sentence and the check of it, over whatever was observed. The sentences are listed,
 * generated from these objects, in docs/invariants.md. Docs: invariants.md.
 */

/** A property that every observation upholds. One that no fault in the code can break is not an invariant. */
export interface Invariant<Observation> {
  /** Family and number, such as `RT-1`; stable, as tests and documents refer to it. */
  readonly id: string
  /** The property in one sentence, as a person would say it. */
  readonly says: string
  /** Whether it does, in what was observed. */
  readonly holds: (observation: Observation) => boolean
}

/** Those that the observation breaks, in their order. */
export const broken = <Observation>(
  invariants: ReadonlyArray<Invariant<Observation>>,
  observation: Observation,
): ReadonlyArray<Invariant<Observation>> => invariants.filter((invariant) => !invariant.holds(observation))

/** As `broken`, as sentences for a test's message: `RT-1 Each (key, nonce) …`. */
export const violations = <Observation>(
  invariants: ReadonlyArray<Invariant<Observation>>,
  observation: Observation,
): ReadonlyArray<string> => broken(invariants, observation).map(({ id, says }) => `${id} ${says}`)

/** The invariant with this id. Throws a RangeError where there is none. */
export const byId = <Observation>(
  invariants: ReadonlyArray<Invariant<Observation>>,
  id: string,
): Invariant<Observation> => {
  const found = invariants.find((invariant) => invariant.id === id)
  if (found === undefined) throw new RangeError(`no invariant ${id}`)
  return found
}
