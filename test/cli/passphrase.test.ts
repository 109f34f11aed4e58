/** A passphrase at a terminal: typed unseen, mended, repeated when it is new; from a pipe it is a line. */
import { EventEmitter } from "node:events"
import { assert, describe, it } from "vitest"
import { askAt, type Keys } from "../../src/cli/passphrase.ts"

const terminal = (isTTY: boolean) => {
  const emitter = new EventEmitter()
  const raw: Array<boolean> = []
  const said: Array<string> = []
  const keys = Object.assign(emitter, {
    isTTY,
    setRawMode: (on: boolean) => raw.push(on),
    resume: () => undefined,
    pause: () => undefined,
  }) as unknown as Keys
  return {
    keys,
    raw,
    said,
    say: (text: string) => void said.push(text),
    type: (text: string) => emitter.emit("data", Buffer.from(text)),
  }
}

const rounds = async () => {
  for (let i = 0; i < 5; i++) await Promise.resolve()
}

const noLine = async () => undefined

describe("the passphrase of sotto chat", () => {
  it("is typed unseen, and mended with backspace", async () => {
    const { keys, raw, said, say, type } = terminal(true)
    const answer = askAt(keys, noLine, say)({ why: "unlock", wrong: 0 })
    type("secreX\u007ft")
    type("é\r")
    assert.equal(await answer, "secreté")
    assert.deepEqual(raw, [true, false])
    assert.equal(said.join(""), "Passphrase: \n")
  })

  it("is asked for twice when it is new, until both are alike", async () => {
    const { keys, said, say, type } = terminal(true)
    const answer = askAt(keys, noLine, say)({ why: "create", wrong: 0 })
    for (const line of ["one\r", "two\r", "three\r", "three\r"]) {
      type(line)
      await rounds()
    }
    assert.equal(await answer, "three")
    assert.include(said.join(""), "They differ")
  })

  it("is given up with Ctrl+C", async () => {
    const { keys, say, type } = terminal(true)
    const answer = askAt(keys, noLine, say)({ why: "unlock", wrong: 0 })
    type("sec\u0003")
    assert.isUndefined(await answer)
  })

  it("is the next line where there is no terminal", async () => {
    const { keys, raw, say } = terminal(false)
    assert.equal(await askAt(keys, async () => "from a pipe", say)({ why: "create", wrong: 0 }), "from a pipe")
    assert.lengthOf(raw, 0)
  })
})
