/** What the browser has and can do. */
import { signal } from "@preact/signals"
import deriving from "sotto/unlock/argon2-worker?worker&url"

/** In words for a person: what Sotto needs and this browser lacks. */
export const missingFeatures = (): ReadonlyArray<string> => {
  const missing: Array<string> = []
  if (!globalThis.isSecureContext) missing.push("a secure (https) address")
  if (typeof globalThis.crypto?.getRandomValues !== "function") missing.push("secure random numbers")
  if (typeof globalThis.RTCPeerConnection !== "function") missing.push("direct connections (WebRTC)")
  if (typeof globalThis.HTMLDialogElement !== "function") missing.push("dialogs")
  if (typeof CSS === "undefined" || !CSS.supports("color", "light-dark(white, black)")) missing.push("current styles")
  return missing
}

export const hasCamera = signal(false)

export const lookForCamera = async () => {
  const devices = await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])
  hasCamera.value = devices?.some((device) => device.kind === "videoinput") ?? false
}

export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Hands a file to the browser's downloads. */
export const saveFile = (file: Blob, name: string): void => {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The download has begun by then; kept for ever, the address would keep the file in memory.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** A mouse and a keyboard, more likely than a touch screen. */
export const isDesktop = () => matchMedia("(pointer: fine)").matches

export const isApple = () => /Mac|iPhone|iPad/.test(navigator.platform)

interface ScriptPolicy {
  readonly createScriptURL: (url: string) => string
}

let scripts: ScriptPolicy | undefined

/** The page's policy demands that script addresses come from a named policy; both that there are come from here. */
export const scriptAddress = (url: string): string => {
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy } })
    .trustedTypes
  if (types === undefined) return url
  scripts ??= types.createPolicy("sotto", { createScriptURL: (address) => address })
  return scripts.createScriptURL(url)
}

/** Where passphrases are stretched, so that the page stays alive meanwhile. */
export const derivingWorker = (): Worker => new Worker(scriptAddress(deriving), { type: "module" })
