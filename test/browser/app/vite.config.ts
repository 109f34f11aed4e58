/** The chat app with the fake messenger in place of the SDK. Everything else is as it ships. */
import { defineConfig, mergeConfig } from "vite"
import chat from "../../../examples/chat/vite.config.ts"

const here = (name: string) => new URL(name, import.meta.url).pathname

const { resolve: _aliases, ...rest } = chat as { resolve?: unknown }

export default mergeConfig(
  rest,
  defineConfig({
    resolve: {
      alias: [
        { find: /^sotto\/recording$/, replacement: here("../../../src/recording.ts") },
        { find: /^sotto\/machines$/, replacement: here("fake-machines.ts") },
        { find: /^sotto\/unlock\/argon2-worker/, replacement: here("../../../src/adapters/unlock/argon2-worker.ts") },
        { find: /^sotto(\/backup|\/unlock\/\w+|\/(transport|storage)\/\w+)?$/, replacement: here("fake.ts") },
      ],
    },
    logLevel: "warn",
  }),
)
