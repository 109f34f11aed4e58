/** IP addresses as text and as bytes. Strict, because a name in their place would make the stack ask a name server. */

/** 4 or 16 bytes, or undefined for anything but an address: names, zones and odd spellings are refused. */
export const parseIp = (text: string): Uint8Array | undefined => {
  if (text.length > 45) return undefined
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text)
}

/** Dotted decimal, or eight groups of hexadecimal without `::` (one spelling is enough here). */
export const printIp = (address: Uint8Array): string => {
  if (address.length === 4) return address.join(".")
  const groups: Array<string> = []
  for (let i = 0; i < 16; i += 2) groups.push(((address[i]! << 8) | address[i + 1]!).toString(16))
  return groups.join(":")
}

const parseIpv4 = (text: string): Uint8Array | undefined => {
  const parts = text.split(".")
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return Uint8Array.from(parts, Number)
}

// RFC 4291 §2.2
const parseIpv6 = (text: string): Uint8Array | undefined => {
  const halves = text.split("::")
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1))
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const missing = 16 - head.length - (tail?.length ?? 0)
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined
  const address = new Uint8Array(16)
  address.set(head)
  if (tail !== undefined) address.set(tail, 16 - tail.length)
  return address
}

/** Only the last group of all may be written as an IPv4 address. */
const groupsOf = (text: string, isEnd: boolean): ReadonlyArray<number> | undefined => {
  if (text === "") return []
  const bytes: Array<number> = []
  const groups = text.split(":")
  for (const [i, group] of groups.entries()) {
    const v4 = isEnd && i === groups.length - 1 && group.includes(".") ? parseIpv4(group) : undefined
    if (v4 !== undefined) bytes.push(...v4)
    else if (/^[0-9a-f]{1,4}$/i.test(group))
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255)
    else return undefined
  }
  return bytes.length > 16 ? undefined : bytes
}
