/** Every scenario, in the order in which the documentation shows them. */
import { downgrade, evilBroker, flooding, reflected, replayedHello } from "./attacks.ts"
import { crash, crashAfter, crashBefore } from "./crash.ts"
import {
  crashedInviter,
  crashedJoiner,
  damagedBundle,
  lostAccept,
  lostConfirm,
  lostHello,
  repeatedHello,
} from "./handshake.ts"
import { clone, healing, identity, stolenKem, stolenSignal } from "./healing.ts"
import { blocked, clocks, closed, locked, reconnect, silence, takenOver, three, twoTabs } from "./lives.ts"
import { loss } from "./loss.ts"
import {
  braidUnderLoss,
  crossing,
  damaged,
  disappearing,
  expired,
  many,
  offline,
  read,
  reordered,
  repeated,
} from "./messages.ts"
import { pairing, takenBack } from "./pairing.ts"
import type { Scenario } from "./scenario.ts"
import { lockAndUnlock } from "./vault.ts"

/** All of them, in the order of the site. */
export const scenarios: ReadonlyArray<Scenario> = [
  ...[
    pairing,
    lostHello,
    lostAccept,
    lostConfirm,
    repeatedHello,
    damagedBundle,
    crashedJoiner,
    crashedInviter,
    takenBack,
  ],
  ...[evilBroker, downgrade, replayedHello, reflected, flooding],
  ...[loss, reordered, repeated, damaged, crossing, read, offline, expired, disappearing, many, braidUnderLoss],
  ...[
    crashBefore,
    crashAfter,
    crash,
    reconnect,
    silence,
    closed,
    locked,
    lockAndUnlock,
    blocked,
    twoTabs,
    takenOver,
    clocks,
    three,
  ],
  ...[healing, clone, identity, stolenSignal, stolenKem],
]
