/** The little of fontkit that is used; it brings no types. */
declare module "fontkit" {
  export interface Font {
    readonly unitsPerEm: number
    layout(text: string): { readonly advanceWidth: number }
  }
  export const create: (bytes: Uint8Array) => unknown
}
