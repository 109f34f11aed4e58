/** Initials on a tint. The tint comes from the id, so that two contacts of one name differ. */

const TINTS = 8

const tintOf = (id: string): number => {
  let sum = 0
  for (let index = 0; index < id.length; index++) sum = (sum * 31 + id.charCodeAt(index)) >>> 0
  return sum % TINTS
}

const initials = (name: string): string => {
  const words = name.split(" ").filter((word) => /\p{L}|\p{N}/u.test(word))
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "")
  return letters.join("").toUpperCase() || "?"
}

export const Avatar = ({
  id,
  name,
  large,
}: {
  readonly id: string
  readonly name: string
  readonly large?: boolean
}) => (
  <span class={large ? "avatar large" : "avatar"} data-tint={tintOf(id)} aria-hidden="true">
    {initials(name)}
  </span>
)
