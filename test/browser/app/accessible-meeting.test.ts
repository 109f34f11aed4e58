import { areAccessible } from "./accessible.ts"
import { meeting } from "./screens/meeting.ts"

areAccessible("until there is a conversation", meeting)
