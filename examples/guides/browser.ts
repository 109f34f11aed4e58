/** In a page: peers find each other at a broker, and conversations are kept in IndexedDB. */
import { indexeddb } from "../../src/adapters/storage/indexeddb.ts"
import { peerjs } from "../../src/adapters/transport/peerjs.ts"
import { createMessenger } from "../../src/index.ts"

export const me = await createMessenger({
  name: "Alice",
  storage: indexeddb("my-app"),
  transports: [peerjs({ host: "broker.example" })],
})

// Somebody opened this page with an invite: it stands behind the `#`, which no server sees.
if (location.hash.length > 1) {
  const { claimedName, services } = await me.preview(location.href)
  if (confirm(`Talk to ${claimedName ?? "somebody"}? This contacts ${services.join(", ")}.`))
    await me.accept(location.href)
  history.replaceState(null, "", location.pathname)
}

const invite = await me.invite({ expiresIn: "10 minutes" })
document.querySelector("#invite")!.textContent = invite.url
