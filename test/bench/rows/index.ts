/** All rows, in the order of the document. */
import type { Row } from "../result.ts"
import { cascade } from "./cascade.ts"
import { pairing } from "./pairing.ts"
import { signalStream, signalTurns } from "./signal.ts"

export const ROWS: ReadonlyArray<Row> = [signalStream, signalTurns, cascade, pairing]
