/** Before something is erased: what that means, and for whom. */
import type { Message } from "sotto"
import { announcer } from "../announcer.ts"
import { at, called, of } from "../names.ts"
import { Button } from "../parts/button.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { shut, useContact } from "../ui.ts"
import { words } from "../words.ts"

interface DeleteProps {
  readonly id: string
  readonly message: Message
  readonly from: "me" | "everyone"
}

export const DeleteDialog = ({ id, message, from }: DeleteProps) => {
  const contact = useContact(id)
  if (contact === undefined) return null
  const who = called(contact)
  const erase = async () => {
    shut()
    await contact.delete(message.id, { for: from }).catch(() => announcer.tell("The message is not there any more"))
  }
  return (
    <Dialog title={at.deleteDialog.name} onClose={shut}>
      <p>{from === "me" ? words.deleteForMe(who) : words.deleteForEveryone(who)}</p>
      <footer class="dialog-foot">
        <Button place={at.cancel} look="quiet" onClick={shut} />
        <Button place={at.deleteIt} look="danger" onClick={() => void erase()} />
      </footer>
    </Dialog>
  )
}

export const ClearDialog = ({ id }: { readonly id: string }) => {
  const contact = useContact(id)
  if (contact === undefined) return null
  const who = called(contact)
  const clear = async () => {
    shut()
    await contact.clear().catch(() => announcer.tell("The conversation could not be cleared"))
  }
  return (
    <Dialog title={of.clearing(who).name} onClose={shut}>
      <p>{words.clear(who)}</p>
      <footer class="dialog-foot">
        <Button place={at.cancel} look="quiet" onClick={shut} />
        <Button place={at.clear} look="danger" onClick={() => void clear()} />
      </footer>
    </Dialog>
  )
}
