/** All rows, in the order of the document. */
import type { Row } from "../result.ts"
import { cascade } from "./cascade.ts"
import { durable, overhead } from "./engine.ts"
import { contacts, growth } from "./growth.ts"
import { pairing } from "./pairing.ts"
import { signalStream, signalTurns } from "./signal.ts"

export const ROWS: ReadonlyArray<Row> = [
  signalStream,
  signalTurns,
  cascade,
  pairing,
  overhead,
  durable,
  contacts,
  growth,
]
