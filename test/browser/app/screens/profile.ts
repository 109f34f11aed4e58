/** Settings, locks, backups, and what becomes of the storage. */
import { at } from "../../../../examples/chat/src/names.ts"
import { words } from "../../../../examples/chat/src/words.ts"
import { find, press } from "../hands.ts"
import type { Screen } from "./screen.ts"

export const profile: ReadonlyArray<Screen> = [
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
