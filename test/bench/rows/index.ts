/** All rows, in the order of the document. */
import type { Row } from "../result.ts"
import { browsersLatency, browsersStream } from "./browsers.ts"
import { cascade } from "./cascade.ts"
import { chromiumCascade, chromiumPairing } from "./chromium.ts"
import { durable, overhead } from "./engine.ts"
import { contacts, growth } from "./growth.ts"
import { pairing } from "./pairing.ts"
import { profileCarrying, profileCascade, profileEngine } from "./profile.ts"
import { signalStream, signalTurns } from "./signal.ts"
import { sizes } from "./sizes.ts"

export const ROWS: ReadonlyArray<Row> = [
  signalStream,
  signalTurns,
  cascade,
  chromiumCascade,
  pairing,
  chromiumPairing,
  overhead,
  durable,
  browsersStream,
  browsersLatency,
  contacts,
  growth,
  sizes,
  profileCascade,
  profileEngine,
  profileCarrying,
]
