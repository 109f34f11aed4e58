/** The shell: which page, which panes beside each other, which dialog on top, and the one voice. */

import { useEffect } from "preact/hooks"
import type { Messenger } from "sotto"
import { announcement } from "./announcer.ts"
import { followKeys } from "./keyboard.ts"
import { phase } from "./messenger.ts"
import { Boundary } from "./parts/boundary.tsx"
import { lookForCamera } from "./platform.ts"
import { arrivedInvite, type Pane, route } from "./routes.ts"
import { ByHandDialog } from "./screens/by-hand.tsx"
import { Chats } from "./screens/chats.tsx"
import { Conversation } from "./screens/conversation.tsx"
import { Details, RemoveDialog } from "./screens/details.tsx"
import { ClearDialog, DeleteDialog } from "./screens/erasing.tsx"
import { EraseDialog, ExportDialog } from "./screens/export-and-erase.tsx"
import { FirstRun } from "./screens/first-run.tsx"
import { Inside } from "./screens/inside.tsx"
import { InviteDialog } from "./screens/invite.tsx"
import { Locked } from "./screens/locked.tsx"
import { NewChat } from "./screens/new-chat.tsx"
import { Elsewhere, Opening, Problem, Unsupported } from "./screens/problem.tsx"
import { RestoreBackup } from "./screens/restore-backup.tsx"
import { SaveBackup } from "./screens/save-backup.tsx"
import { Settings } from "./screens/settings.tsx"
import { MessageInfo, Shortcuts } from "./screens/small-dialogs.tsx"
import { UseInvite } from "./screens/use-invite.tsx"
import { VerifyDialog } from "./screens/verify.tsx"
import { MessengerProvider, opened, useContact } from "./ui.ts"

export const App = () => (
  <Boundary what="Sotto">
    <Page />
    <div class="visually-hidden" role="status" aria-live="polite" aria-label="Announcements">
      {announcement.value}
    </div>
  </Boundary>
)

const Page = () => {
  const now = phase.value
  switch (now.at) {
    case "unsupported":
      return <Unsupported missing={now.missing} />
    case "firstRun":
      return <FirstRun />
    case "opening":
      return <Opening sealing={now.sealing ?? false} />
    case "elsewhere":
      return <Elsewhere gaveWay={now.gaveWay} stayed={now.stayed ?? false} />
    case "problem":
      return <Problem problem={now} />
    case "locked":
      return <Locked me={now.me} />
    case "ready":
      return <Shell me={now.me} />
  }
}

const Shell = ({ me }: { readonly me: Messenger }) => {
  const now = route.value
  useEffect(() => followKeys(me), [me])
  useEffect(() => {
    const active = () => me.vault.userActive()
    for (const kind of ["pointerdown", "keydown"] as const) addEventListener(kind, active, { passive: true })
    return () => {
      for (const kind of ["pointerdown", "keydown"] as const) removeEventListener(kind, active)
    }
  }, [me])
  useEffect(() => {
    void lookForCamera()
  }, [])
  const invite = arrivedInvite.value
  useEffect(() => {
    if (invite === undefined) return
    arrivedInvite.value = undefined
    opened.value = { kind: "use", text: invite }
  }, [invite])
  const depth = now.page === "chats" ? "list" : now.page === "chat" && now.pane ? "side" : "main"
  return (
    <MessengerProvider value={me}>
      <div class="shell" data-depth={depth}>
        <div class="panes">
          <Boundary what="The list of chats">
            <Chats />
          </Boundary>
          {/* The heading and the landmark are there on a phone too, whichever pane is shown. */}
          <main class="stage">
            <h1 class="visually-hidden">Sotto</h1>
            {now.page === "settings" ? (
              <Boundary key="settings" what="Settings">
                <Settings />
              </Boundary>
            ) : now.page === "chat" ? (
              <Boundary key={now.id} what="The conversation">
                <Chat id={now.id} />
              </Boundary>
            ) : (
              <Nobody />
            )}
          </main>
          {now.page === "chat" && now.pane !== undefined ? (
            <Boundary key={`${now.id} ${now.pane}`} what={now.pane === "details" ? "Details" : "Look inside"}>
              <Side id={now.id} pane={now.pane} />
            </Boundary>
          ) : null}
        </div>
      </div>
      <Boundary key={opened.value?.kind ?? "none"} what="The dialog">
        <Top />
      </Boundary>
    </MessengerProvider>
  )
}

const Chat = ({ id }: { readonly id: string }) => {
  const contact = useContact(id)
  return contact === undefined ? <Nobody /> : <Conversation key={id} contact={contact} />
}

const Side = ({ id, pane }: { readonly id: string; readonly pane: Pane }) => {
  const contact = useContact(id)
  if (contact === undefined) return null
  return pane === "details" ? <Details contact={contact} /> : <Inside contact={contact} />
}

/** Beside the list, when no chat is open. */
const Nobody = () => (
  <section class="pane nobody" aria-label="No chat open" data-pane="main">
    <div class="empty">
      <img src="./icon.svg" alt="" width="48" height="48" />
      <p>Choose a chat, or begin a new one.</p>
      <p class="note">
        <kbd>Alt</kbd> <kbd>N</kbd> new chat · <kbd>Ctrl</kbd> <kbd>/</kbd> all keys
      </p>
    </div>
  </section>
)

const Top = () => {
  const dialog = opened.value
  switch (dialog?.kind) {
    case undefined:
      return null
    case "newChat":
      return <NewChat />
    case "invite":
      return (
        <InviteDialog key={dialog.byHand ? "hand" : "link"} before={dialog.invite} byHand={dialog.byHand ?? false} />
      )
    case "use":
      return <UseInvite given={dialog.text} />
    case "byHand":
      return <ByHandDialog id={dialog.id} joining={dialog.joining} />
    case "verify":
      return <VerifyDialog id={dialog.id} />
    case "clear":
      return <ClearDialog id={dialog.id} />
    case "delete":
      return <DeleteDialog id={dialog.id} message={dialog.message} from={dialog.for} />
    case "remove":
      return <RemoveDialog id={dialog.id} />
    case "info":
      return <MessageInfo message={dialog.message} who={dialog.who} />
    case "saveBackup":
      return <SaveBackup />
    case "restoreBackup":
      return <RestoreBackup />
    case "export":
      return <ExportDialog />
    case "erase":
      return <EraseDialog />
    case "shortcuts":
      return <Shortcuts />
  }
}
