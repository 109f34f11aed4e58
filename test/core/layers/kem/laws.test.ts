import { ratchetLaws } from "../ratchet-laws.ts"
import { kemSubject } from "./subject.ts"

ratchetLaws("kem", kemSubject, { schedules: 80, steps: 80 })
