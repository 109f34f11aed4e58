/** Whole-page moments: opening, a second tab, storage that can't be used, a browser that can't run Sotto. */
import type { ComponentChildren } from "preact"
import { open, type Phase, takeOver } from "../messenger.ts"
import { at } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { opened } from "../ui.ts"
import { problemWords, words } from "../words.ts"
import { EraseDialog } from "./export-and-erase.tsx"

const Page = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <main class="welcome">
    <img class="logo" src="./icon.svg" alt="" width="56" height="56" />
    <h1>{title}</h1>
    {children}
  </main>
)

export const Opening = ({ sealing }: { readonly sealing: boolean }) => (
  <main class="welcome" aria-busy="true">
    <h1 class="visually-hidden">Sotto</h1>
    <p class="note">{sealing ? "Encrypting what is kept here…" : "Opening Sotto…"}</p>
  </main>
)

export const Elsewhere = ({ gaveWay, stayed }: { readonly gaveWay: boolean; readonly stayed: boolean }) => (
  <Page title="Open in another tab">
    <p>{words.secondTab}</p>
    {gaveWay ? <p class="note">This tab has stopped and holds nothing any more.</p> : null}
    <Button place={at.useHere} look="primary" onClick={() => void takeOver()} />
    <p class="note">
      {stayed
        ? "The other tab is in the middle of something and did not let go. Close it; this one goes on by itself."
        : "The other tab stops and holds nothing any more. When it is closed, this one goes on by itself."}
    </p>
  </Page>
)

export const Unsupported = ({ missing }: { readonly missing: ReadonlyArray<string> }) => (
  <Page title="This browser can't run Sotto">
    <p>It lacks {list(missing)}. Any current Firefox, Chrome, Edge or Safari has them.</p>
    {missing.length === 1 && missing[0]?.includes("https") ? (
      <p class="note">Browsers give encryption only to pages from https addresses and from this device.</p>
    ) : null}
  </Page>
)

const list = (items: ReadonlyArray<string>): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`

export const Problem = ({ problem }: { readonly problem: Extract<Phase, { readonly at: "problem" }> }) => {
  const { title, text } = problemWords(problem.code)
  const storage = problem.code.startsWith("storage")
  const isHopeless = problem.code === "storageLost" || problem.code === "storageDamaged"
  return (
    <Page title={title}>
      <p>{text}</p>
      <div class="actions">
        <Button place={at.tryAgain} look={isHopeless ? "plain" : "primary"} onClick={() => void open()} />
        {problem.code === "storageNewer" ? <Button place={at.reload} onClick={() => location.reload()} /> : null}
        {isHopeless ? (
          <Button
            place={at.eraseProfile}
            onClick={() => {
              opened.value = { kind: "erase" }
            }}
          />
        ) : null}
      </div>
      {opened.value?.kind === "erase" ? <EraseDialog /> : null}
      {storage ? (
        <p class="note">
          Or{" "}
          <button type="button" class="link" onClick={() => void open({ inMemory: true })}>
            go on without keeping anything
          </button>
          : everything is gone when this page closes.
        </p>
      ) : null}
    </Page>
  )
}
