/** A passphrase that is chosen: typed twice, long enough, and with a word on what makes it good. */
import { useState } from "preact/hooks"
import { at } from "../names.ts"
import { Field } from "./field.tsx"

/** Argon2id makes a guess dear, not impossible: below this a guesser with money succeeds. */
export const MIN_PASSPHRASE = 12

export interface Chosen {
  readonly value: string
  readonly again: string
  readonly good: boolean
  readonly set: (value: string) => void
  readonly setAgain: (value: string) => void
}

export const usePassphrase = (): Chosen => {
  const [value, set] = useState("")
  const [again, setAgain] = useState("")
  return { value, again, set, setAgain, good: isLong(value) && value === again }
}

const isLong = (value: string): boolean => [...value].length >= MIN_PASSPHRASE

export const NewPassphrase = ({ chosen, onEnter }: { readonly chosen: Chosen; readonly onEnter: () => void }) => {
  const { again, set, setAgain, value } = chosen
  return (
    <div class="form">
      <Field
        label={at.newPassphrase.name}
        value={value}
        onInput={set}
        type="password"
        hint="Five or more words that nobody would guess together. There is no reset."
        wrong={value !== "" && !isLong(value) ? `At least ${MIN_PASSPHRASE} characters.` : undefined}
      />
      <Field
        label={at.repeatPassphrase.name}
        value={again}
        onInput={setAgain}
        onEnter={onEnter}
        type="password"
        wrong={again !== "" && !value.startsWith(again) ? "The two are not the same." : undefined}
      />
    </div>
  )
}
