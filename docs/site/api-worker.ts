/** TypeDoc on a thread of its own: it reads all sources, while the other pages are made. */
import { parentPort } from "node:worker_threads"
import { apiOf } from "./api-pages.ts"

parentPort!.postMessage(await apiOf())
