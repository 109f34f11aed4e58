import { areAccessible } from "./accessible.ts"
import { profile } from "./screens/profile.ts"

areAccessible("settings and storage", profile)
