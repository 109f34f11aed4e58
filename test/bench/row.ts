/** Measures one row in a process of its own and hands the result to its parent: `node test/bench/row.ts <id>`. */
import { ROWS } from "./rows/index.ts"

const row = ROWS.find(({ id }) => id === process.argv[2])
if (row === undefined) throw new Error(`no row "${process.argv[2]}": ${ROWS.map(({ id }) => id).join(", ")}`)
const result = await row.run()
if (process.send === undefined) console.log(JSON.stringify(result, undefined, 2))
else process.send(result)
// What a library still holds open is no reason to stay.
process.disconnect?.()
setTimeout(() => process.exit(), 50).unref()
