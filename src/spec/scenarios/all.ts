/** Every scenario, in the order in which the documentation shows them. */
import { crash } from "./crash.ts"
import { loss } from "./loss.ts"
import { pairing } from "./pairing.ts"
import type { Scenario } from "./scenario.ts"

export const scenarios: ReadonlyArray<Scenario> = [pairing, loss, crash]
