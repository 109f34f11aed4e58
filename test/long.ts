/** `LONG=1` (npm run test:long) takes in full what does not fit into the fifteen minutes on two cores that a run of all tests has. */
const LONG = process.env["LONG"] === "1"

export const inFull = <A>(full: A, usual: A): A => (LONG ? full : usual)
