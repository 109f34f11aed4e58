/** `sotto/spec/conformance`: what a transport, a store or a supplier of primitives must do, as checks for any test runner. */
export * from "./crypto.ts"
export * from "./store.ts"
export * from "./transport.ts"
