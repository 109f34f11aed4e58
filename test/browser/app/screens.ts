/** Every screen and state by name: how to get there. The picture book and the accessibility test walk through the same list. */
import type { Page } from "playwright-core"
import { at, of, type Place } from "../../../examples/chat/src/names.ts"
import { words } from "../../../examples/chat/src/words.ts"
import type { Look } from "./browser.ts"
import type { Control } from "./fake.ts"

export interface Screen {
  readonly name: string
  readonly look: Look
  readonly reach?: (page: Page) => Promise<unknown>
}

export const find = (page: Page, place: Place) => page.getByRole(place.role, { name: place.name, exact: true })

/** Runs a function in the page with the fake's controls; it sees nothing of this file. */
export const controls = <R, A = undefined>(
  page: Page,
  run: (fake: Control, argument: A) => R,
  ...given: undefined extends A ? [] : [A]
): Promise<Awaited<R>> =>
  page
    .evaluateHandle(() => (globalThis as unknown as { fake: Control }).fake)
    .then((fake) =>
      fake.evaluate(run as unknown as (fake: Control, argument: unknown) => R, given[0] as unknown),
    ) as Promise<Awaited<R>>

const press = (place: Place) => (page: Page) => find(page, place).first().click()

/** Everything that can become of a message, at the end of the conversation with Ana. */
export const showChanges = async (page: Page) => {
  await page.getByText("See you!").last().waitFor()
  await controls(page, async (fake) => {
    const ana = fake.contact("ana")!
    await ana.setTimer({ after: 86_400_000, from: "sending" })
    const first = ana.arrive("Shall we take the boat instead?", { timer: ana.timer.get() })
    await ana.send("Yes! With a quotation.", { replyTo: first.id })
    ana.arrive("This answers what is gone.", { replyTo: "gone" })
    await ana.react(first.id, "❤️")
    const edited = await ana.send("An edited one")
    await ana.edit(edited.id, "An edited message")
    ana.become(edited.id, {
      reactions: [
        { from: "me", emoji: "😂" },
        { from: "ana", emoji: "👩‍❤️‍💋‍👨" },
      ],
    })
    const deleted = await ana.send("nobody sees this")
    await ana.delete(deleted.id, { for: "everyone" })
    const late = await ana.send("too late")
    ana.become(late.id, { text: "", timer: undefined })
    ana.mark("expired")
  })
  await page.getByText("edited", { exact: true }).waitFor()
}

/** Types a passphrase on the locked screen and tries it. */
export const tryPassphrase = async (page: Page, words: string) => {
  await page.getByLabel(at.passphrase.name).fill(words)
  await find(page, at.unlock).click()
}

export const screens: ReadonlyArray<Screen> = [
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
  { name: "conversation", look: { hash: "#/chat/ana" }, reach: (page) => page.getByText("See you!").last().waitFor() },
  { name: "conversation-offline", look: { hash: "#/chat/bo" } },
  { name: "conversation-relayed-typing", look: { hash: "#/chat/zed" } },
  {
    name: "conversation-jump",
    look: { hash: "#/chat/zed" },
    reach: async (page) => {
      await page.getByText("Message 10000").last().waitFor()
      await find(page, of.log("Zed")).evaluate((log) => log.scrollTo(0, log.scrollHeight - 2_500))
      await find(page, of.jump(0)).waitFor()
    },
  },
  { name: "conversation-paused", look: { hash: "#/chat/cleo" } },
  { name: "conversation-unreachable", look: { hash: "#/chat/greta" } },
  { name: "conversation-blocked", look: { hash: "#/chat/ivo" } },
  {
    name: "message-menu",
    look: { hash: "#/chat/ana" },
    reach: async (page) => {
      await page.getByText("Just yourself.").click({ button: "right" })
      await find(page, at.messageActions).waitFor()
    },
  },
  {
    name: "message-info",
    look: { hash: "#/chat/ana" },
    reach: async (page) => {
      await page.getByText("See you!").last().click({ button: "right" })
      await press(at.messageInfo)(page)
    },
  },
  {
    name: "conversation-changes",
    look: { hash: "#/chat/ana" },
    reach: (page) => showChanges(page),
  },
  {
    name: "message-reactions",
    look: { hash: "#/chat/ana" },
    reach: async (page) => {
      await page.getByText("See you at six").last().click({ button: "right" })
      await press(at.react)(page)
      await find(page, at.reactions).waitFor()
    },
  },
  {
    name: "message-reply",
    look: { hash: "#/chat/ana" },
    reach: async (page) => {
      await page.getByText("Just yourself.").click({ button: "right" })
      await press(at.reply)(page)
      await find(page, at.stopReplying).waitFor()
    },
  },
  {
    name: "message-delete",
    look: { hash: "#/chat/ana" },
    reach: async (page) => {
      await page.getByText("See you!").last().click({ button: "right" })
      await press(at.deleteForEveryone)(page)
      await find(page, at.deleteDialog).waitFor()
    },
  },
  {
    name: "details-timer",
    look: { hash: "#/chat/ana/details" },
    reach: async (page) => {
      await find(page, at.disappearing).selectOption("1 day")
      await find(page, at.countedFrom).waitFor()
    },
  },
  {
    name: "clear",
    look: { hash: "#/chat/ana/details" },
    reach: press(at.clear),
  },
  { name: "details", look: { hash: "#/chat/ana/details" } },
  { name: "details-compared", look: { hash: "#/chat/bo/details" } },
  {
    name: "verify",
    look: { hash: "#/chat/ana/details" },
    reach: async (page) => {
      await find(page, at.detailsPane).getByRole("button", { name: at.compareNumbers.name }).click()
      await find(page, at.safetyNumber).waitFor()
    },
  },
  {
    name: "verify-differ",
    look: { hash: "#/chat/ana/details" },
    reach: async (page) => {
      await find(page, at.detailsPane).getByRole("button", { name: at.compareNumbers.name }).click()
      await press(at.numbersDiffer)(page)
    },
  },
  {
    name: "remove",
    look: { hash: "#/chat/ana/details" },
    reach: press(at.remove),
  },
  {
    name: "inside",
    look: { hash: "#/chat/ana/inside" },
    reach: (page) => page.getByText("doubleRatchet/signal").waitFor(),
  },
  { name: "settings", look: { hash: "#/settings" } },
  { name: "settings-connection", look: { hash: "#/settings/connection" } },
  { name: "settings-storage", look: { hash: "#/settings/storage" } },
  { name: "settings-lock", look: { scene: "sealed-passkey", hash: "#/settings/lock" } },
  {
    name: "settings-lock-change",
    look: { scene: "sealed", hash: "#/settings/lock" },
    reach: async (page) => {
      await press(at.changePassphrase)(page)
      await page.getByLabel(at.newPassphrase.name).fill("short")
    },
  },
  {
    name: "settings-lock-none",
    look: { hash: "#/settings/lock" },
    reach: async (page) => {
      await press(at.turnLockOn)(page)
      await page.getByLabel(at.newPassphrase.name).fill("five words nobody would guess")
      await page.getByLabel(at.repeatPassphrase.name).fill("five words nobody would guess")
    },
  },
  {
    name: "chats-no-backup",
    look: {},
    reach: async (page) => {
      await find(page, at.askToKeep).first().click()
      await page.getByText(words.noBackup).waitFor()
    },
  },
  { name: "save-backup", look: { hash: "#/settings/storage" }, reach: press(at.saveBackup) },
  {
    name: "save-backup-passphrase",
    look: { hash: "#/settings/storage" },
    reach: async (page) => {
      await press(at.saveBackup)(page)
      await find(page, at.byPassphrase).check()
      await page.getByLabel(at.newPassphrase.name).fill("short")
      await page.getByLabel(at.repeatPassphrase.name).fill("other")
    },
  },
  {
    name: "save-backup-done",
    look: { hash: "#/settings/storage" },
    reach: async (page) => {
      await press(at.saveBackup)(page)
      await page.getByLabel(at.wroteDown.name).check()
      await press(at.saveFile)(page)
      await find(page, at.done).waitFor()
    },
  },
  {
    name: "restore-backup-wrong",
    look: { scene: "empty", hash: "#/settings/storage" },
    reach: async (page) => {
      await press(at.restoreBackup)(page)
      await page.getByLabel(at.backupFile.name).setInputFiles({
        name: "sotto.backup",
        mimeType: "application/octet-stream",
        buffer: Buffer.alloc(70_000),
      })
      await find(page, at.enterPhrase).fill("some other words")
      await press(at.restoreNow)(page)
      await page.getByText("did not open this backup").waitFor()
    },
  },
  { name: "readable-export", look: { hash: "#/settings/storage" }, reach: press(at.exportReadable) },
  { name: "erase-profile", look: { hash: "#/settings/storage" }, reach: press(at.eraseProfile) },
  {
    name: "diagnostics",
    look: { hash: "#/settings/diagnostics" },
    reach: async (page) => {
      // A service that hangs up: the failure is the longer page.
      await page.routeWebSocket(/peerjs/, (socket) => socket.close())
      await press(at.runChecks)(page)
      await find(page, at.copyReport).waitFor({ timeout: 20_000 })
    },
  },
  { name: "settings-about", look: { hash: "#/settings/about" } },
  { name: "shortcuts", look: {}, reach: (page) => page.keyboard.press("Control+/") },
  { name: "elsewhere", look: { scene: "elsewhere" } },
  { name: "storage-full", look: { scene: "problem-storageFull" } },
  { name: "storage-failed", look: { scene: "problem-storageFailed" } },
  { name: "storage-denied", look: { scene: "problem-storageDenied" } },
  { name: "storage-lost", look: { scene: "problem-storageLost" } },
  {
    name: "storage-lost-erase",
    look: { scene: "problem-storageLost" },
    reach: press(at.eraseProfile),
  },
  { name: "storage-damaged", look: { scene: "problem-storageDamaged" } },
  { name: "storage-newer", look: { scene: "problem-storageNewer" } },
  { name: "stopped", look: { scene: "problem-defect" } },
]
