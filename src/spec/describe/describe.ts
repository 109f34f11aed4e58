/**
 * Explains bytes to people: frames that cross a link, and what lies on a disk. Every format of ours is named here, and a test asks for
 * a note on each of its fields. Docs: protocol.md, "Frames"; storage.md, "On the disk".
 */
import type { Form } from "../../core/codec/codec.ts"
import { AT_REST_FORMS } from "./at-rest-forms.ts"
import { FRAME_FORMS } from "./frame.ts"

export type { Form, NamedForm } from "../../core/codec/codec.ts"
export { type AtRest, describeAttempts, describeCatalogue, describeHeader, describeSealed } from "./at-rest.ts"
export { describe } from "./frame.ts"
export type { Keyed } from "./keyed.ts"
export { describeRecord } from "./record.ts"
export { type OpenedBy, type Opener, type Opening, type Span, tilingProblems } from "./span.ts"

/** Each format that is encoded on its own, by the name that its fields' paths begin with. */
export const FORMS: Readonly<Record<string, Form | undefined>> = { ...FRAME_FORMS, ...AT_REST_FORMS }
