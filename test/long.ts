/** `LONG=1` (npm run test:long) takes every count in full; without it a run of all tests stays within fifteen minutes on two cores. */
const LONG = process.env["LONG"] === "1"

export const inFull = <A>(full: A, usual: A): A => (LONG ? full : usual)
