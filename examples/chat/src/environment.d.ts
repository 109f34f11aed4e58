/// <reference types="vite/client" />

/** The version in package.json, put in by the build. */
declare const __VERSION__: string

/** The built address of a worker. */
declare module "*?worker&url" {
  const url: string
  // biome-ignore lint/style/noDefaultExport: that is how the builder gives it
  export default url
}
