/** A text as a QR code, for showing on a screen. */
import encodeQR from "qr"

/** An SVG document of black modules on white, without scripts, styles or outside references. */
export const toQrSvg = (text: string): string => encodeQR(text, "svg", { ecc: "low", border: 2 })
