/** What runs in a page of the WebRTC tests: our transports, by handles, so that the test can hold ends of links from Node. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { manual } from "../../../src/adapters/transport/manual.ts"
import { type PeerJsOptions, peerjs } from "../../../src/adapters/transport/peerjs.ts"
import type { HandOffer, Link, Listener, Transport, Unreachable } from "../../../src/core/transport.ts"
import { linkConformance, linksOf, transportConformance } from "../../../src/spec/conformance/transport.ts"

/** Bound by the test: what happens to a handle. Frames are base64. */
declare const tell: (handle: number, happening: "frame" | "closed" | "accepted", detail?: string | number) => void

type Options = Omit<PeerJsOptions, "webrtc" | "WebSocket">
export type Outcome<A> = { readonly ok: A } | { readonly failed: Unreachable["reason"] }

const handles = new Map<
  number,
  { readonly scope: Scope.Closeable; link?: Link; listener?: Listener; offer?: HandOffer }
>()
let last = 0

const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const toBytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))

/** Runs in a scope of its own, which `close(handle)` ends. */
const open = async <A>(
  make: Effect.Effect<A, Unreachable, Scope.Scope>,
  use: (handle: number, made: A) => void,
): Promise<Outcome<number>> => {
  const scope = Scope.makeUnsafe()
  const exit = await Effect.runPromiseExit(Effect.result(Scope.provide(make, scope)))
  if (Exit.isFailure(exit)) throw new Error("a defect")
  if (exit.value._tag === "Failure") {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    return { failed: exit.value.failure.reason }
  }
  const handle = ++last
  handles.set(handle, { scope })
  use(handle, exit.value.success)
  return { ok: handle }
}

const useLink = (handle: number, link: Link): void => {
  handles.set(handle, { ...handles.get(handle)!, link })
  Effect.runFork(Effect.forever(Effect.map(link.receive, (frame) => tell(handle, "frame", toText(frame)))))
  Effect.runFork(Effect.map(link.closed, () => tell(handle, "closed")))
}

const addressOf = (at: string) => ({ kind: "peerjs", at: toBytes(at) })

export const listen = (options: Options, earlier?: string): Promise<Outcome<number>> =>
  open(peerjs(options).listen(earlier === undefined ? undefined : addressOf(earlier)), (handle, listener) => {
    handles.set(handle, { ...handles.get(handle)!, listener })
    const accept = Effect.map(listener.accept, (link) => {
      const accepted = ++last
      handles.set(accepted, { scope: Scope.makeUnsafe() })
      useLink(accepted, link)
      tell(handle, "accepted", accepted)
    })
    Effect.runFork(Effect.forever(accept))
  })

export const addressAt = (handle: number): string => toText(handles.get(handle)!.listener!.address.at)

export const serviceAt = (handle: number) => Effect.runPromise(handles.get(handle)!.listener!.service)

export const connect = (options: Options, at: string): Promise<Outcome<number>> =>
  open(peerjs(options).connect(addressOf(at)), useLink)

export const offer = async (options: Partial<Options>) =>
  open(manual(options).offer, (handle, made) => handles.set(handle, { ...handles.get(handle)!, offer: made }))

export const codeAt = (handle: number): string => toText(handles.get(handle)!.offer!.code)

export const accept = (handle: number, answer: string) =>
  open(handles.get(handle)!.offer!.accept(toBytes(answer)), useLink)

/** The answer's code; `linked` then waits for its link. */
export const answer = async (options: Partial<Options>, code: string) => {
  let text = ""
  const opened = await open(manual(options).answer(toBytes(code)), (handle, made) => {
    text = toText(made.code)
    answers.set(handle, made.link)
  })
  return { ...opened, code: text }
}
const answers = new Map<number, Effect.Effect<Link, Unreachable>>()
export const linked = (handle: number) => open(answers.get(handle)!, useLink)

export const send = (handle: number, frame: string): Promise<boolean> =>
  Effect.runPromise(
    handles
      .get(handle)!
      .link!.send(toBytes(frame))
      .pipe(
        Effect.as(true),
        Effect.orElseSucceed(() => false),
      ),
  )

export const about = async (handle: number) => {
  const { binding, path } = handles.get(handle)!.link!
  return { binding: binding && toText(binding), path: await Effect.runPromise(path) }
}

export const close = async (handle: number): Promise<void> => {
  const { link, scope } = handles.get(handle)!
  await Effect.runPromise(link?.close ?? Effect.void)
  await Effect.runPromise(Scope.close(scope, Exit.void))
}

/** The acceptance suite with both ends in this page; a list of what failed. */
export const conform = async (kind: "peerjs" | "manual", options: Options): Promise<ReadonlyArray<string>> => {
  const failed: Array<string> = []
  const note = (name: string, exit: Exit.Exit<void, unknown>) => {
    if (Exit.isFailure(exit)) failed.push(`${name}: ${exit.cause}`)
  }
  if (kind === "peerjs") {
    const world = { here: peerjs(options), there: peerjs(options) as Transport }
    for (const { name, run } of transportConformance) note(name, await Effect.runPromiseExit(run(world)))
  } else {
    for (const { name, run } of linkConformance) note(name, await Effect.runPromiseExit(run(byHand(options))))
  }
  return failed
}

const byHand = (options: Partial<Options>) => ({
  open: Effect.gen(function* () {
    const ours = yield* manual(options).offer
    const theirs = yield* manual(options).answer(ours.code)
    const links = Effect.all([ours.accept(theirs.code), theirs.link], { concurrency: 2 })
    return yield* links
  }),
})

export { linksOf }
