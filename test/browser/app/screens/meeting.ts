/** From the first start to the first conversation: locks, chats, invites, and all on the way to a peer. */
import { at } from "../../../../examples/chat/src/names.ts"
import { words } from "../../../../examples/chat/src/words.ts"
import { find, press, tryPassphrase } from "../hands.ts"
import type { Screen } from "./screen.ts"

export const meeting: ReadonlyArray<Screen> = [
  { name: "first-run", look: { started: false } },
  { name: "first-run-invite", look: { started: false, hash: "#sotto1abc" } },
  {
    name: "first-run-lock",
    look: { started: false },
    reach: async (page) => {
      await find(page, at.lockAtAll).check()
      await page.getByLabel(at.newPassphrase.name).fill("short")
      await page.getByLabel(at.repeatPassphrase.name).fill("other")
    },
  },
  { name: "locked", look: { scene: "locked" } },
  { name: "locked-passkey", look: { scene: "locked-passkey" } },
  {
    name: "locked-unlocking",
    look: { scene: "locked-passkey" },
    reach: async (page) => {
      await tryPassphrase(page, "slow words")
      await page.getByText("Unlocking…").waitFor()
    },
  },
  {
    name: "locked-wrong",
    look: { scene: "locked" },
    reach: async (page) => {
      await tryPassphrase(page, "wrong words")
      await page.getByText(words.wrongPassphrase).waitFor()
    },
  },
  {
    name: "locked-delayed",
    look: { scene: "locked" },
    reach: async (page) => {
      for (let tries = 1; tries < 5; tries++) {
        await tryPassphrase(page, `wrong words ${tries}`)
        await page.getByText(words.wrongPassphrase).waitFor()
      }
      await tryPassphrase(page, "wrong words again")
      await page.getByText("There is no reset. Next try in").waitFor()
    },
  },
  { name: "locked-erase", look: { scene: "locked" }, reach: press(at.eraseProfile) },
  { name: "chats-empty", look: { scene: "empty" } },
  { name: "chats", look: {} },
  { name: "chats-search", look: {}, reach: (page) => find(page, at.search).fill("e") },
  { name: "chats-search-none", look: {}, reach: (page) => find(page, at.search).fill("nobody") },
  { name: "new-chat", look: {}, reach: (page) => page.keyboard.press("Alt+n") },
  {
    name: "invite",
    look: { scene: "empty" },
    reach: async (page) => {
      await press(at.createInvite)(page)
      await find(page, at.inviteCode).waitFor()
    },
  },
  {
    name: "invite-cancelled",
    look: { scene: "empty" },
    reach: async (page) => {
      await press(at.createInvite)(page)
      await press(at.cancelInvite)(page)
    },
  },
  {
    name: "chats-invite-waiting",
    look: { scene: "empty" },
    reach: async (page) => {
      await press(at.createInvite)(page)
      await press(at.close)(page)
    },
  },
  { name: "use-invite", look: { scene: "empty" }, reach: press(at.useInvite) },
  {
    name: "use-invite-wrong",
    look: { scene: "empty" },
    reach: async (page) => {
      await press(at.useInvite)(page)
      await find(page, at.invite).fill("hello")
      await page.getByText("not a Sotto invite").waitFor()
    },
  },
  {
    name: "use-invite-preview",
    look: { hash: "#sotto1abc" },
    reach: (page) => page.getByText("broker.example:9000").waitFor(),
  },
  {
    name: "by-hand-offer",
    look: {},
    reach: async (page) => {
      await page.keyboard.press("Alt+n")
      await press(at.byHand)(page)
      await find(page, at.handCode).waitFor()
    },
  },
  {
    name: "by-hand-take",
    look: {},
    reach: async (page) => {
      await page.keyboard.press("Alt+n")
      await press(at.byHand)(page)
      await press(at.haveReply)(page)
    },
  },
  {
    name: "by-hand-reply",
    look: { hash: "#sotto1abc-byhand" },
    reach: async (page) => {
      await page.getByText("No service: you swap").waitFor()
      await press(at.connect)(page)
      await find(page, at.handCode).waitFor()
    },
  },
  { name: "by-hand-existing", look: { hash: "#/chat/greta" }, reach: press(at.useCode) },
  { name: "connecting", look: { hash: "#/chat/dunja" } },
  { name: "connecting-expired", look: { hash: "#/chat/emil" } },
  { name: "connecting-no-service", look: { hash: "#/chat/faye" } },
  { name: "connecting-no-path", look: { hash: "#/chat/hugo" } },
]
