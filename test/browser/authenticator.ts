/** A security key inside the browser, made of software: with the extension that makes keys (`prf`), or without. */
import type { CDPSession, Page } from "playwright-core"

export const addAuthenticator = async (page: Page, hasPrf: boolean): Promise<CDPSession> => {
  const session = await page.context().newCDPSession(page)
  await session.send("WebAuthn.enable")
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf,
    },
  })
  return session
}
