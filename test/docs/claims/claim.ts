/** What a document claims, and the tests that try to break it: the in-house audit's input. Docs: audit.md. */

export interface Claim {
  /** Under which heading of the document; "" before the first. */
  readonly section: string
  /** Words of the document, exactly: whoever changes them looks at the tests again. */
  readonly says: string
  /** Files below test/, without `.test.ts`, each alone or with words of a title in it. */
  readonly tests: ReadonlyArray<string | readonly [file: string, title: string]>
}

export interface Claimed {
  /** From the repository's root. */
  readonly document: string
  readonly claims: ReadonlyArray<Claim>
  /** Sections that claim nothing of their own, and why: a section is either here or has a claim. */
  readonly without: Readonly<Record<string, string>>
}
