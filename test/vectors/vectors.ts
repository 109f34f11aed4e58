/**
 * Reads the public test vectors (Wycheproof, NIST ACVP, X-Wing), which lie beside the checkout in `../shared/vectors` and are
 * no part of the repository. Where they are absent, the tests over them are skipped, each file with one line.
 */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"

const folder = new URL("../../../shared/vectors/", import.meta.url)

export const load = <A>(path: string): A => JSON.parse(readFileSync(new URL(path, folder), "utf8")) as A

/** A group of tests over a vector folder, or one skipped test that says what is missing. */
export const overVectors = (name: string, path: string, body: () => void): void => {
  if (existsSync(new URL(path, folder))) describe(name, body)
  else test.skip(`${name}: no test vectors beside this checkout (../shared/vectors/${path})`, () => {})
}

/** Runs all cases of a file and reports those whose verdict was wrong by their ids; each case must be judged. */
export const judge = async <Case extends { readonly tcId: number }>(
  cases: ReadonlyArray<Case>,
  verdict: (one: Case) => Promise<boolean> | boolean,
): Promise<void> => {
  expect(cases.length).toBeGreaterThan(0)
  const wrong: Array<number> = []
  for (const one of cases) if (!(await verdict(one))) wrong.push(one.tcId)
  expect(wrong, "test cases with a wrong verdict").toEqual([])
}

export const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))
export const hex = (array: Uint8Array): string => Buffer.from(array).toString("hex")
