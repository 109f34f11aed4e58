/** What protects a person: comparing numbers, a changed identity, hostile names and texts, a look inside that leaks nothing. */
import { readFile } from "node:fs/promises"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { at, of } from "../../../examples/chat/src/names.ts"
import { words } from "../../../examples/chat/src/words.ts"
import { readRecording } from "../../../src/spec/recording/recording.ts"
import { type Stage, stage } from "./browser.ts"
import { controls, find } from "./hands.ts"

describe("trust", () => {
  let theatre: Stage
  beforeAll(async () => {
    theatre = await stage(inject("app"))
  })
  afterAll(() => theatre.close())

  test("after the first exchange one is asked to compare, and told what it is good for", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await page.getByText("If they match, nobody stands between you.").waitFor()
    await find(page, at.compareNumbers).click()
    await find(page, of.verify("Ana")).waitFor()
    expect(((await find(page, at.safetyNumber).textContent()) ?? "").replace(/\D/g, "")).toHaveLength(60)
    await find(page, at.numbersMatch).click()
    await find(page, at.connection)
      .getByText(/^Direct · compared /)
      .waitFor()
    expect(await controls(page, (fake) => fake.contact("ana")?.asked.includes("verify true"))).toBe(true)
    // The button that opened the dialog is gone: focus is where it belongs.
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA")
    await context.close()
  })

  test("numbers that differ are never taken for compared, and say what to do", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/bo/details" })
    await find(page, at.compareNumbers).click()
    await find(page, at.numbersDiffer).click()
    await page.getByText("somebody stands between you").waitFor()
    expect(await controls(page, (fake) => fake.contact("bo")?.verified.get())).toBeUndefined()
    await page.keyboard.press("Escape")
    await find(page, at.connection).getByText("Offline · not compared").waitFor()
    await context.close()
  })

  test("a changed identity is an alert, stops writing, and going on never marks it as compared", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/cleo" })
    await find(page, at.securityAlert).getByText("safety number changed").waitFor()
    await expect.poll(() => find(page, of.composer("Cleo")).isDisabled()).toBe(true)
    await find(page, at.continueWithout).click()
    await page.getByRole("alert").waitFor({ state: "detached" })
    await expect.poll(() => find(page, of.composer("Cleo")).isEnabled()).toBe(true)
    expect(await controls(page, (fake) => fake.contact("cleo")?.asked)).toEqual(["continueUnverified"])
    expect(await controls(page, (fake) => fake.contact("cleo")?.verified.get())).toBeUndefined()
    await context.close()
  })

  test("a message is text, whatever it looks like", async () => {
    const { page, context, complaints } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.log("Ana")).waitFor()
    const hostile = '<img src="https://evil.example/x" onerror="document.title=1"><script>document.title=2</script>'
    await controls(page, (fake, text) => fake.contact("ana")?.arrive(text), hostile)
    await page.getByText(hostile).last().waitFor()
    expect(await page.locator('img[src^="https"]').count()).toBe(0)
    expect(await page.title()).toMatch(/Sotto$/)
    expect(complaints).toEqual([])
    await context.close()
  })

  test("a message that turns the direction of writing turns nothing but itself", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    const turned = "photo\u202egpj.exe \u202b\u2067 open"
    await controls(page, (fake, text) => fake.contact("ana")?.arrive(text), turned)
    const row = page.getByText("photo\ufffdgpj.exe").last()
    await row.waitFor()
    expect(await page.getByText("\u202e").count()).toBe(0)
    const { isolated, timeAfterWords } = await row.evaluate((one) => {
      const time = one.parentElement!.querySelector("time")!
      const probe = document.createRange()
      probe.selectNodeContents(time)
      // What stands after the text is written from left to right still.
      const letters = [...(time.textContent ?? "")].map((_, i) => {
        probe.setStart(time.firstChild!, i)
        probe.setEnd(time.firstChild!, i + 1)
        return probe.getBoundingClientRect().left
      })
      return {
        isolated: getComputedStyle(one).unicodeBidi,
        timeAfterWords: letters.every((left, i) => i === 0 || left >= letters[i - 1]!),
      }
    })
    expect([isolated, timeAfterWords]).toEqual(["isolate", true])
    await context.close()
  })

  test("a copy that was replaced says so, takes nothing, and goes on only where its user wants it", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana" })
    await find(page, of.composer("Ana")).waitFor()
    await controls(page, (fake) => {
      const contact = fake.contact("ana")!
      contact.session.set({ ...contact.session.get(), state: "replaced" })
      contact.arrive("", { kind: "notice", notice: "replaced" })
    })
    await find(page, at.securityAlert).getByText("this one has stopped").waitFor()
    await page.getByText(words.replaced("Ana")).last().waitFor()
    await find(page, at.connection).getByText("Stopped · another copy goes on").waitFor()
    await expect.poll(() => find(page, of.composer("Ana")).isDisabled()).toBe(true)
    await find(page, at.goOnHere).click()
    await page.getByRole("alert").waitFor({ state: "detached" })
    expect(await controls(page, (fake) => fake.contact("ana")?.asked)).toContain("reclaim")
    await context.close()
  })

  test("the page runs no code but its own, and makes no HTML from strings", async () => {
    const { page, context } = await theatre.open({ scene: "empty" })
    const tried = await page.evaluate(async () => {
      const outcome: Record<string, boolean> = {}
      try {
        document.body.insertAdjacentHTML("beforeend", "<p id=made></p>")
        outcome["html"] = true
      } catch {
        outcome["html"] = false
      }
      const script = document.createElement("script")
      try {
        script.textContent = "globalThis.ran = true"
      } catch {
        // Trusted types refuse it before the policy does.
      }
      document.body.append(script)
      outcome["inline"] = "ran" in globalThis
      outcome["outside"] = await fetch("https://evil.example/").then(
        () => true,
        () => false,
      )
      return outcome
    })
    expect(tried).toEqual({ html: false, inline: false, outside: false })
    await context.close()
  })

  test("looking inside shows names and counters, and nothing of a key that got into a transition", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana/inside" })
    const key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
    await find(page, at.pause).waitFor()
    await controls(
      page,
      (fake, secret) => {
        for (const listener of fake.inspected) {
          listener({
            machine: "link",
            id: "link/main",
            event: "Opened",
            from: "dialling",
            to: "open",
            commands: ["sayHello"],
            contact: "ana",
            at: Date.now(),
          })
          listener({
            machine: "link",
            id: secret,
            event: secret,
            from: secret,
            to: { [secret]: secret },
            commands: [secret],
            contact: "ana",
            at: Date.now(),
          })
        }
        const contact = fake.contact("ana")
        const [machine] = contact?.machines.get() ?? []
        if (machine) contact?.machines.set([{ ...machine, id: secret as never, state: secret }])
      },
      key,
    )
    const pane = find(page, at.inside)
    await pane.getByText("Opened: dialling → open").waitFor()
    await pane.getByText("(hidden)").first().waitFor()
    expect(await pane.textContent()).not.toContain(key.slice(0, 12))
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    await find(page, at.copyRedacted).click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain("dialling → open")
    expect(copied).not.toContain(key.slice(0, 12))
    expect(copied).not.toContain("Ana")
    const [download] = await Promise.all([page.waitForEvent("download"), find(page, at.saveRecording).click()])
    expect(download.suggestedFilename()).toBe("sotto-recording.jsonl")
    const recording = await readFile(await download.path(), "utf8")
    const found = readRecording(recording)
    expect("problem" in found ? found.problem : found.lines).toMatchObject([{ id: "link/main", event: "Opened" }])
    expect(recording).not.toContain(key.slice(0, 12))
    await context.close()
  })

  test("closing the look inside ends the listening", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana/inside" })
    await find(page, at.pause).waitFor()
    // What is shown, and what can be saved.
    await expect.poll(() => controls(page, (fake) => fake.inspected.length)).toBe(2)
    await page.keyboard.press("Alt+i")
    await find(page, at.inside).waitFor({ state: "detached" })
    await expect.poll(() => controls(page, (fake) => fake.inspected.length)).toBe(0)
    await context.close()
  })

  test("removing asks first, and erases", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana/details" })
    await find(page, at.remove).click()
    await find(page, of.removal("Ana")).getByRole("button", { name: "Remove" }).click()
    await page.getByRole("option", { name: /^Ana/ }).waitFor({ state: "detached" })
    await expect.poll(() => page.url()).toMatch(/#\/$/)
    await context.close()
  })

  test("blocking stops writing, and can be taken back", async () => {
    const { page, context } = await theatre.open({ hash: "#/chat/ana/details" })
    await find(page, at.block).click()
    await expect.poll(() => find(page, of.composer("Ana")).isDisabled()).toBe(true)
    await find(page, at.unblock).first().click()
    await expect.poll(() => find(page, of.composer("Ana")).isEnabled()).toBe(true)
    await context.close()
  })
})
