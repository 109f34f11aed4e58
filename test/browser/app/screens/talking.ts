/** A conversation, its messages, and whom it is with. */
import { at, of } from "../../../../examples/chat/src/names.ts"
import { find, press, showChanges } from "../hands.ts"
import type { Screen } from "./screen.ts"

export const talking: ReadonlyArray<Screen> = [
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
]
