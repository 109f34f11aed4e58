/** A QR code. The SDK makes it as an SVG; as an image's source it can neither run nor style anything. */
import type { Place } from "../names.ts"

export const Qr = ({ place, svg }: { readonly place: Place & { readonly role: "img" }; readonly svg: string }) => (
  <img class="qr" alt={place.name} src={`data:image/svg+xml;utf8,${encodeURIComponent(svg)}`} />
)
