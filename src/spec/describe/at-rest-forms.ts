/** The formats of what lies on a disk, as the engine's own codecs say them, and which record is in which. Docs: storage.md, protocol.md. */
import type { Form } from "../../core/codec/codec.ts"
import * as records from "../../core/contact/records.ts"
import { oneTime, ownStatics } from "../../core/handshake/own-keys.ts"
import { staticPublic } from "../../core/handshake/static-keys.ts"
import { aesStateCodec } from "../../core/layers/aes/state.ts"
import { kemStateForm } from "../../core/layers/kem/state.ts"
import { mlsPrivateForm } from "../../core/layers/mls/establish.ts"
import { stateCodec } from "../../core/layers/mls/state.ts"
import { preKeySecrets } from "../../core/layers/signal/pre-keys.ts"
import { sessionForm } from "../../core/layers/signal/state.ts"
import { profileForm } from "../../core/messenger/own-profile.ts"
import { catalogueCodec } from "../../core/vault/catalogue.ts"
import { headerForm } from "../../core/vault/header.ts"
import { manifestForm, pageForm } from "../../core/vault/places.ts"
import { attemptsForm } from "../../core/vault/vault-place.ts"

/** By the name that the paths of their fields begin with. */
export const AT_REST_FORMS = {
  Header: headerForm,
  Attempts: attemptsForm,
  Catalogue: catalogueCodec.form,
  Manifest: manifestForm,
  Page: pageForm,
  Profile: profileForm,
  About: records.about.form,
  Entry: records.entry.form,
  Outgoing: records.outgoing.form,
  Settings: records.settings.form,
  Seen: records.seen.form,
  Greetings: records.greetings.form,
  Outcome: records.outcome.form,
  Secret: records.pairingSecret.form,
  Secrets: records.recoverySecrets.form,
  Lives: records.lives.form,
  Asked: records.asked.form,
  Challenged: records.challenged.form,
  Resume: records.resume.form,
  OwnKeys: ownStatics.form,
  PeerKeys: staticPublic.form,
  OneTime: oneTime.form,
  PreKeySecrets: preKeySecrets.form,
  MlsPrivate: mlsPrivateForm,
  AesState: aesStateCodec.form,
  KemState: kemStateForm,
  SignalState: sessionForm,
  MlsState: stateCodec.form,
} as const satisfies Readonly<Record<string, Form | undefined>>
export type AtRestForm = keyof typeof AT_REST_FORMS

const LAYERS = { mls: "MlsState", signal: "SignalState", kem: "KemState", aes: "AesState" } as const

/** Records that are one value of a format, by their ids. */
const WHOLE: Readonly<Record<string, AtRestForm | undefined>> = {
  profile: "Profile",
  [records.RECORD.about]: "About",
  [records.RECORD.timer]: "Settings",
  [records.RECORD.ownStatics]: "OwnKeys",
  [records.RECORD.peerStatics]: "PeerKeys",
  [records.RECORD.candidate]: "PeerKeys",
  [records.RECORD.recovery]: "Secrets",
  [records.RECORD.offered]: "Secrets",
  [records.RECORD.passed]: "Secrets",
  [records.RECORD.ownLives]: "Lives",
  [records.RECORD.peerLives]: "Lives",
  [records.AGAIN.secret]: "Secret",
  [records.AGAIN.recovery]: "Secret",
  [records.AGAIN.resume]: "Resume",
  [records.AGAIN.peerResume]: "Resume",
  ...Object.fromEntries(
    [records.FIRST, records.AGAIN].flatMap((desk) => [
      [desk.greetings, "Greetings"],
      [desk.oneTime, "OneTime"],
      ...Object.entries(LAYERS).map(([layer, form]) => [`${desk.layers}${layer}`, form]),
    ]),
  ),
}

/** Records of which there are many, by what their ids begin with. */
const MANY: ReadonlyArray<readonly [prefix: string, form: AtRestForm]> = [
  ["history/", "Entry"],
  ["outgoing/", "Outgoing"],
  ["outcome/", "Outcome"],
  ["seen/", "Seen"],
  ["standing/asked/", "Asked"],
  ["standing/challenged/", "Challenged"],
]

/** The format of a contact's record; undefined where it is none of its own. */
export const formOfRecord = (id: string): AtRestForm | undefined =>
  WHOLE[id] ?? MANY.find(([prefix]) => id.startsWith(prefix))?.[1]
