/** The stepper in a real browser: by mouse, by keyboard and by ear, with runs of its own, linked ones and recordings. */
import type { Page } from "playwright-core"
import { assert, describe, it } from "vitest"
import { serveRecording } from "../../src/cli/inspect.ts"
import { scenarios } from "../../src/spec/scenarios/all.ts"
import { built, site } from "./fixture.ts"
import { RECORDED } from "./recorded.ts"

const { open: openPage } = site()

/** A page of the site with its stepper ready. */
const open = async (path: string) => {
  const opened = await openPage()
  await opened.toStepper(path)
  return opened
}

const data = (page: Page) =>
  page.$eval("sotto-stepper", (element) => ({ ...(element as HTMLElement).dataset })) as Promise<Record<string, string>>

describe("the stepper", () => {
  it("steps, winds back, is damaged, and its address is the same run again", async () => {
    const { done, page } = await open("see/stepper/")
    await page.click("text=Alice invites Bob")
    for (let i = 1; i <= 4; i++) {
      await page.waitForSelector(`sotto-stepper[data-at="${i}"]`)
      await page.click("[data-do=step]")
    }
    await page.waitForSelector('sotto-stepper[data-at="5"]')
    await page.keyboard.press("ArrowLeft")
    await page.click(".frame.flying .hit", { force: true })
    await page.click(".tools >> text=Drop")
    await page.waitForSelector(".frame.lost")
    const damaged = await data(page)
    const address = page.url()
    await done()

    const again = await open(`see/stepper/${new URL(address).hash}`)
    assert.deepStrictEqual(await data(again.page), damaged)
    await again.done()
  })

  it("says so where an address is of another version, damaged, or cannot go on", async () => {
    const { done, page, toStepper } = await openPage()
    for (const [hash, words] of [
      ["#v=0&s=1", /another version/],
      ["#v=1&s=1&c=%22wat", /damaged/],
      ["#v=1&s=1&c=%22restart%22,%22alice%22", /not possible/],
      ["#v=1&s=1&c=&h=0123456789abcdef", /led elsewhere/],
    ] as const) {
      await page.goto("about:blank")
      await toStepper(`see/stepper/${hash}`)
      assert.match(await page.$eval(".problem", (box) => box.textContent ?? ""), words)
    }
    await done()
  })

  it("reads a frame with the keys that are chosen, and says how each was made", async () => {
    const { done, page } = await open("scenarios/stolen-kem/")
    await page.click("[data-do=last]")
    await page.locator(".frame.arrived", { hasText: "sealed" }).last().focus()
    await page.keyboard.press("Enter")
    const text = () => page.$eval(".pane.bytes", (pane) => pane.textContent ?? "")
    const layers = () => page.locator(".pane.bytes .opens").count()
    assert.strictEqual(await layers(), 4)
    assert.include(await text(), "sotto/1 kem chain step")
    for (const [layer, left] of [
      ["mls", 3],
      ["kem", 1],
      ["aes", 0],
    ] as const) {
      await page.uncheck(`[data-keys=${layer}]`)
      assert.strictEqual(await layers(), left, layer)
    }
    assert.include(await text(), "Such a thief sees what a relay sees")
    await done()
  })

  it("is damaged without a mouse, compared with the undamaged run, and begun anew with three", async () => {
    const { done, page } = await open("see/stepper/")
    await page.locator("text=Alice invites Bob").focus()
    await page.keyboard.press("Enter")
    await page.waitForSelector('sotto-stepper[data-at="1"]')
    await page.keyboard.press("ArrowRight")
    await page.waitForSelector('sotto-stepper[data-at="2"]')
    await page.locator(".frame.flying").last().focus()
    await page.keyboard.press("Delete")
    await page.waitForSelector(".frame.lost")
    await page.locator("summary", { hasText: "Attackers" }).focus()
    await page.keyboard.press("Enter")
    assert.isTrue(await page.locator("text=Stand in the middle of new links").isVisible())
    await page.click("[data-do=compare]")
    await page.waitForSelector(".comparison")
    assert.match(await page.$eval(".comparison", (box) => box.textContent ?? ""), /They part at/)
    await page.selectOption(".setup .count", "3")
    await page.click("[data-do=fresh]")
    await page.waitForSelector(".space .head.peer-2")
    await done()
  })

  it("steps through a recording of a live peer, and says what is wrong with a file that is none", async () => {
    const inspecting = await serveRecording(RECORDED, 0, built)
    const { done, page } = await openPage({}, new URL(inspecting!.url).origin)
    await page.goto(inspecting!.url)
    await page.waitForSelector('sotto-stepper[data-ready][data-steps="6"]')
    assert.include(await page.$eval(".choices", (box) => box.textContent ?? ""), "7 before them were not kept")
    assert.strictEqual(await page.locator(".space .head").count(), 2)
    assert.include(await page.$eval(".facts", (box) => box.textContent ?? ""), "<img src=x>")
    const bytes = () => page.$eval(".pane.bytes", (pane) => pane.textContent ?? "")
    const [sealed, bundle] = await page.locator(".space .carried").all()
    await sealed!.focus()
    await page.keyboard.press("Enter")
    assert.match(await bytes(), /sealed.*307 bytes.*A recording has no keys in it.*AES-256-GCM/s)
    await bundle!.click()
    assert.match(await bytes(), /bundle.*Its bytes are not in the recording/s)
    for (let i = 0; i < 4; i++) await page.click("[data-do=back]")
    await page.waitForSelector('sotto-stepper[data-at="2"]')
    assert.match(page.url(), /&at=2$/)
    assert.match(await page.$eval(".variables", (list) => list.textContent ?? ""), /attempt.*10/)
    await page.selectOption(".only", "1")
    await page.waitForSelector('sotto-stepper[data-steps="5"]')
    await page.setInputFiles(".file input", { name: "x.jsonl", mimeType: "text/plain", buffer: Buffer.from("no") })
    await page.waitForSelector(".problem:not([hidden])")
    assert.match(await page.$eval(".problem", (box) => box.textContent ?? ""), /not a recording/)
    await done()
    inspecting!.close()
  })

  it("shows nothing of an address as markup", async () => {
    const text = encodeURIComponent('["event","alice",{"do":"pair","with":"bob"}]'.slice(1, -1))
    const evil = encodeURIComponent('"event","alice",{"do":"rename","name":"<img src=x onerror=alert(1)>"}')
    const { done, page } = await open(`see/stepper/#v=1&s=1&c=${text}~.9~${evil}`)
    assert.strictEqual(await page.locator("sotto-stepper img").count(), 0)
    await done()
  })

  it("lets Tab come to everything in it, in sight, and away again", async () => {
    const { done, page } = await open(`scenarios/${scenarios[0]!.id}/`)
    for (let i = 0; i < 5; i++) await page.click("[data-do=step]")
    const wanted = await page.$$eval(
      "sotto-stepper :is(a[href], button, input, select, summary, [tabindex='0'])",
      (elements) =>
        elements.flatMap((element, i) => {
          element.setAttribute("data-stop", String(i))
          const isShown = element.checkVisibility() && !(element as HTMLButtonElement).disabled
          return isShown ? [String(i)] : []
        }),
    )
    assert.isAbove(wanted.length, 20)
    await page.evaluate(() => {
      const before = document.createElement("button")
      document.querySelector("sotto-stepper")!.before(before)
      before.focus()
    })
    const seen: Array<string> = []
    for (let i = 0; i <= wanted.length; i++) {
      await page.keyboard.press("Tab")
      const stop = await page.evaluate(() => {
        const { activeElement: at } = document
        const name = at?.getAttribute("data-stop") ?? ""
        if (name === "") return name
        const { boxShadow, outlineStyle } = getComputedStyle(at!)
        const inside = [...at!.children].some((child) => getComputedStyle(child).strokeWidth !== "0px")
        return outlineStyle !== "none" || boxShadow !== "none" || inside ? name : `${name} is not shown to have it`
      })
      seen.push(stop)
    }
    assert.sameMembers(seen.slice(0, -1), wanted)
    assert.strictEqual(seen.at(-1), "", "Tab leads out of it")
    await done()
  })

  it("says to a screen reader what a step did, what to notice, and what is wrong", async () => {
    const { done, page } = await open("scenarios/lost-hello/")
    const spoken = () => page.$eval("[aria-live=polite]", (box) => box.textContent ?? "")
    const heard = new Set<string>()
    await page.focus("[data-do=step]")
    const { steps } = await data(page)
    for (let i = 0; i < Number(steps); i++) {
      await page.keyboard.press("ArrowRight")
      await page.waitForSelector(`sotto-stepper[data-at="${i + 1}"]`)
      heard.add(await spoken())
    }
    assert.isAbove(heard.size, Number(steps) / 2)
    const all = [...heard].join("\n")
    for (const words of [/bob joiner: .* → /, /alice inviter: .* → /]) assert.match(all, words)
    const lessons = Object.values(scenarios.find(({ id }) => id === "lost-hello")!.notes ?? {})
    for (const lesson of lessons) assert.include(all, lesson)
    // Every frame and every drawing says in words what it is.
    for (const label of await page.$$eval(".frame, .chart, .space, [role=group], [role=region]", (all) =>
      all.map((one) => one.getAttribute("aria-label") ?? ""),
    ))
      assert.isNotEmpty(label)
    assert.match(await page.$eval(".chart", (box) => box.getAttribute("aria-label") ?? ""), /is in /)
    assert.isTrue(await page.locator(".problem[role=alert]").isHidden())
    await done()
  })
})
