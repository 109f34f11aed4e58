/** What is read from outside the app's own memory: the address bar, and what was kept in localStorage. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { called, of } from "../../../examples/chat/src/names.ts"
import { isIceUrl, profileIn, readPreferences } from "../../../examples/chat/src/preferences.ts"
import { formatRoute, inviteIn, parseRoute, type Route } from "../../../examples/chat/src/routes.ts"

const routes: fc.Arbitrary<Route> = fc.oneof(
  fc.constant<Route>({ page: "chats" }),
  fc.record({ page: fc.constant("chat" as const), id: fc.string({ minLength: 1 }) }),
  fc.record({
    page: fc.constant("chat" as const),
    id: fc.string({ minLength: 1 }),
    pane: fc.constantFrom("details" as const, "inside" as const),
  }),
  fc.constant<Route>({ page: "settings" }),
  fc.record({
    page: fc.constant("settings" as const),
    section: fc.constantFrom("privacy" as const, "connection" as const, "appearance" as const, "about" as const),
  }),
)

describe("routes", () => {
  test("every screen has an address that leads back to it, and is no invite", () => {
    fc.assert(
      fc.property(routes, (route) => {
        expect(parseRoute(formatRoute(route))).toEqual(route)
        expect(inviteIn(formatRoute(route))).toBeUndefined()
      }),
    )
  })

  test("any address leads somewhere", () => {
    fc.assert(
      fc.property(fc.string(), (hash) => void expect(parseRoute(`#${hash}`).page).toMatch(/^(chats|chat|settings)$/)),
    )
    expect(parseRoute("#/chat/%E0%A4%A")).toEqual({ page: "chats" })
  })

  test("what is no route is taken for an invite, whole", () => {
    expect(inviteIn("#sotto1_abc")).toBe("sotto1_abc")
    expect(inviteIn("")).toBeUndefined()
    expect(inviteIn("#/chat/x")).toBeUndefined()
  })
})

describe("what was kept", () => {
  test("is read as far as it makes sense, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        const read = readPreferences(text)
        expect(["system", "light", "dark"]).toContain(read.theme)
        expect(read.iceServers.every((server) => isIceUrl(server.urls))).toBe(true)
      }),
    )
  })

  test("comes back as it was", () => {
    const kept = {
      started: true,
      theme: "dark" as const,
      enterSends: false,
      broker: { host: "broker.example", port: 9000, path: "/", key: "peerjs", secure: true },
      iceServers: [{ urls: "turn:turn.example:3478", username: "u", credential: "c" }],
      relayOnly: true,
      sealed: true,
      hasPasskey: true,
      backedUp: 1_900_000_000_000,
      backupLater: true,
    }
    expect(readPreferences(JSON.stringify(kept))).toEqual(kept)
    expect(
      readPreferences(JSON.stringify({ ...kept, broker: { ...kept.broker, port: 70_000 } })).broker,
    ).toBeUndefined()
  })

  test("only STUN and TURN addresses are servers", () => {
    for (const url of ["stun:host:3478", "turns:host:5349?transport=tcp", "turn:[::1]:3478"])
      expect(isIceUrl(url)).toBe(true)
    for (const url of ["https://host", "turn:user@host", "stun:", "javascript:alert(1)"])
      expect(isIceUrl(url)).toBe(false)
  })

  test("two profiles of one browser are two people; a strange name is the first one", () => {
    expect(profileIn("?profile=bo")).toBe("bo")
    expect(profileIn("")).toBe("main")
    expect(profileIn("?profile=../x")).toBe("main")
  })
})

describe("names", () => {
  test("a contact's claim cannot turn the words around it, or hide", () => {
    expect(called({ name: "Ivo \u202Eevil\u0007" })).toBe("Ivo evil")
    expect(called({ name: "\u200b \n\t" })).toBe("New contact")
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(called({ name })).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069\u200B-\u200F]/u)
      }),
    )
  })

  test("are said in the order in which they are worth hearing", () => {
    expect(of.option({ who: "Ana", unread: 2, state: "waiting", last: "See you at six" })).toBe(
      "Ana, 2 unread, waiting, See you at six",
    )
    expect(of.message({ who: "You", text: "hello.", time: "18:53", mark: "Delivered" })).toBe(
      "You: hello. 18:53. Delivered.",
    )
    expect(of.jump(3).name).toBe("Jump to latest, 3 new")
  })
})
