/** Begins: the invite out of the address first, then the screen, then the messenger. */
import { render } from "preact"
import "./style/index.css"
import { App } from "./app.tsx"
import { begin } from "./messenger.ts"
import { followTheme } from "./preferences.ts"
import { followAddress } from "./routes.ts"
import { keepForOffline } from "./update.ts"

followAddress()
followTheme()
const root = document.getElementById("app")
if (root !== null) {
  root.replaceChildren()
  render(<App />, root)
  void begin().then(keepForOffline)
}
