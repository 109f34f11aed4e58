import { ratchetLaws } from "../ratchet-laws.ts"
import { aesSubject } from "./subject.ts"

ratchetLaws("aes", aesSubject, { schedules: 150, steps: 80 })
