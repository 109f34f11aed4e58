/** Copies a text and says so, on the button and to the announcer. */
import { useState } from "preact/hooks"
import { announcer } from "../announcer.ts"
import type { Place } from "../names.ts"
import { copyText } from "../platform.ts"
import { Button } from "./button.tsx"

export interface CopyButtonProps {
  readonly place: Place & { readonly role: "button" }
  readonly text: () => string
  readonly look?: "primary" | "plain" | "quiet"
}

export const CopyButton = ({ place, text, look }: CopyButtonProps) => {
  const [word, setWord] = useState<string>()
  const copy = async () => {
    const said = (await copyText(text())) ? "Copied" : "Copying was refused. Select the text instead."
    setWord(said)
    announcer.tell(said)
    setTimeout(() => setWord(undefined), 2_000)
  }
  return (
    <Button
      place={place}
      icon={word === "Copied" ? "check" : "copy"}
      look={look ?? "plain"}
      onClick={() => void copy()}
    >
      {word ?? place.name}
    </Button>
  )
}
