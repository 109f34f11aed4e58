/** What the network does by itself, when it is chosen: to one frame, or to all links. Docs: simulator.md, "The network". */
import type { Choice } from "./choice.ts"
import type { Network } from "./network-values.ts"

/** Does it. False: it is not possible now. Undefined: it is nothing of the network. */
export const weather = (choice: Choice, network: Network): boolean | undefined => {
  switch (choice[0]) {
    case "drop":
    case "duplicate":
    case "corrupt":
      return network[choice[0]](choice[1])
    case "delay":
      return network.delay(choice[1], choice[2])
    case "partition":
      network.part(choice[1] ?? "*")
      return true
    case "reconnect":
      network.join()
      return true
    case "cut":
      network.cut()
      return true
    default:
      return undefined
  }
}
