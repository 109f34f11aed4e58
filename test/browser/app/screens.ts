/** Every screen and state by name. The picture book and the accessibility test walk through the same list. */
import { meeting } from "./screens/meeting.ts"
import { profile } from "./screens/profile.ts"
import type { Screen } from "./screens/screen.ts"
import { talking } from "./screens/talking.ts"

export const screens: ReadonlyArray<Screen> = [...meeting, ...talking, ...profile]
