/** What the browser has, and how long it means to keep things. */
import { signal } from "@preact/signals"

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

/** Whether the browser promised not to delete our data on its own. Undefined: it does not say. */
export const persisted = signal<boolean | undefined>(undefined)

export const lookAtPersistence = async () => {
  // Some browsers never settle these: nothing may wait for them.
  persisted.value = await navigator.storage?.persisted?.().catch(() => undefined)
}

export const askForPersistence = async () => {
  persisted.value = await navigator.storage?.persist?.().catch(() => false)
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

/** A mouse and a keyboard, more likely than a touch screen. */
export const isDesktop = () => matchMedia("(pointer: fine)").matches

export const isApple = () => /Mac|iPhone|iPad/.test(navigator.platform)
