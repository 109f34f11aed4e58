/** A page of a real browser as a transport that is used from Node: so the acceptance suite runs across processes. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import type { BrowserContext, Page } from "playwright-core"
import { placeOf, serviceName } from "../../../src/adapters/transport/peerjs/address.ts"
import { type HandTransport, type Link, type Transport, Unreachable } from "../../../src/core/transport.ts"
import {
  defineLink,
  defineTransport,
  type LinkEvents,
  type PlainLink,
} from "../../../src/core/transport-from-promises.ts"
import type * as InPage from "./page.ts"

type Options = Parameters<typeof InPage.listen>[0]
declare const bundle: typeof InPage

const toText = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")
const toBytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"))

/** Happenings of handles can come before anybody here knows the handle. */
class Happenings {
  private readonly early = new Map<number, Array<readonly [string, string | number | undefined]>>()
  private readonly heard = new Map<number, (happening: string, detail?: string | number) => void>()

  readonly tell = (_: unknown, handle: number, happening: string, detail?: string | number): void => {
    const hear = this.heard.get(handle)
    if (hear !== undefined) hear(happening, detail)
    else this.early.set(handle, [...(this.early.get(handle) ?? []), [happening, detail]])
  }

  on(handle: number, hear: (happening: string, detail?: string | number) => void): void {
    this.heard.set(handle, hear)
    for (const [happening, detail] of this.early.get(handle) ?? []) hear(happening, detail)
    this.early.delete(handle)
  }
}

/**
 * Serves an empty page with this script from this machine. From nowhere else: Chromium lets a page open sockets to the
 * local network only if it came from there.
 */
export const servePage = async (script: string): Promise<{ readonly url: string; readonly server: Server }> => {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(`<!doctype html><title>test</title><script>${script}</script>`)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server }
}

export class RemotePage {
  readonly page: Page
  private readonly happenings: Happenings

  private constructor(page: Page, happenings: Happenings) {
    this.page = page
    this.happenings = happenings
  }

  static async open(context: BrowserContext, url: string): Promise<RemotePage> {
    const happenings = new Happenings()
    await context.exposeBinding("tell", happenings.tell)
    const page = await context.newPage()
    page.on("pageerror", (error) => console.error(error))
    await page.goto(url)
    return new RemotePage(page, happenings)
  }

  conform(kind: "peerjs" | "manual", options: Options): Promise<ReadonlyArray<string>> {
    return this.page.evaluate(([kind, options]) => bundle.conform(kind, options), [kind, options] as const)
  }

  transport(options: Options): Transport {
    const { happenings, page } = this
    return defineTransport({
      kind: "peerjs",
      services: (at) => {
        const place = placeOf({ kind: "peerjs", at })
        return place && [serviceName(place.broker)]
      },
      listen: async (earlier, accept) => {
        const args = [options, earlier && toText(earlier)] as const
        const handle = made(await page.evaluate(([options, earlier]) => bundle.listen(options, earlier), args))
        happenings.on(handle, (_, accepted) => void this.plain(accepted as number).then((open) => accept(open)))
        const service = await page.evaluate((handle) => bundle.serviceAt(handle), handle)
        return {
          address: toBytes(await page.evaluate((handle) => bundle.addressAt(handle), handle)),
          close: () => this.close(handle),
          service: () => service!,
        }
      },
      connect: async (at, events, signal) => {
        const args = [options, toText(at)] as const
        const handle = made(await page.evaluate(([options, at]) => bundle.connect(options, at), args))
        if (signal.aborted) await this.close(handle)
        return (await this.plain(handle))(events)
      },
    })
  }

  hand(options: Partial<Options> = {}): HandTransport {
    const { page } = this
    const attempt = <A>(run: () => Promise<A>) =>
      Effect.tryPromise({ try: run, catch: (cause) => cause as Unreachable })
    const link = async (handle: number): Promise<Link> => defineLink(await this.plain(handle))
    return {
      kind: "manual",
      offer: attempt(async () => {
        const handle = made(await page.evaluate((options) => bundle.offer(options), options))
        return {
          code: toBytes(await page.evaluate((handle) => bundle.codeAt(handle), handle)),
          accept: (answer) =>
            attempt(async () => {
              const args = [handle, toText(answer)] as const
              return link(made(await page.evaluate(([handle, answer]) => bundle.accept(handle, answer), args)))
            }),
        }
      }),
      answer: (offer) =>
        attempt(async () => {
          const args = [options, toText(offer)] as const
          const answered = await page.evaluate(([options, code]) => bundle.answer(options, code), args)
          const handle = made(answered)
          return {
            code: toBytes(answered.code),
            link: attempt(async () => link(made(await page.evaluate((handle) => bundle.linked(handle), handle)))),
          }
        }),
    }
  }

  private async plain(handle: number): Promise<(events: LinkEvents) => PlainLink> {
    const { happenings, page } = this
    const about = await page.evaluate((handle) => bundle.about(handle), handle)
    return (events) => {
      happenings.on(handle, (happening, detail) => {
        if (happening === "frame") events.frame(toBytes(detail as string))
        if (happening === "closed") events.closed()
      })
      return {
        send: async (frame) => {
          const sent = await page.evaluate(([handle, frame]) => bundle.send(handle, frame), [
            handle,
            toText(frame),
          ] as const)
          if (!sent) throw new Error("closed")
        },
        close: () => void this.close(handle),
        path: async () => (await page.evaluate((handle) => bundle.about(handle), handle)).path,
        ...(about.binding !== undefined && { binding: toBytes(about.binding) }),
      }
    }
  }

  private close(handle: number): Promise<void> {
    return this.page.evaluate((handle) => bundle.close(handle), handle).catch(() => {})
  }
}

const made = (outcome: InPage.Outcome<number>): number => {
  if ("ok" in outcome) return outcome.ok
  throw new Unreachable({ reason: outcome.failed })
}
