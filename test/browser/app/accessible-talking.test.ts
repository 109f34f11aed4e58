import { areAccessible } from "./accessible.ts"
import { talking } from "./screens/talking.ts"

areAccessible("in a conversation", talking)
