/** Reads a QR code with the camera. The decoder is loaded when it is needed; pictures are looked at and forgotten. */
import { useEffect, useRef, useState } from "preact/hooks"
import { at } from "../names.ts"
import { Button } from "./button.tsx"

/** Milliseconds between two looks: quick enough for a hand, light enough for a phone. */
const PACE = 160
/** Pictures are scaled down to at most this many pixels on the longer side. */
const LONGEST = 720

interface ScannerProps {
  /** The text of the code. Returning a sentence goes on scanning and shows it. */
  readonly onText: (text: string) => string | undefined
  readonly onClose: () => void
}

export const Scanner = ({ onText, onClose }: ScannerProps) => {
  const video = useRef<HTMLVideoElement>(null)
  const [word, setWord] = useState("Hold the code in front of the camera.")
  useEffect(() => {
    let stream: MediaStream | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = false
    const canvas = document.createElement("canvas")
    const look = (decode: (image: ImageData) => string | undefined) => {
      if (over) return
      const found = video.current ? readFrame(video.current, canvas, decode) : undefined
      if (found !== undefined) {
        const objection = onText(found)
        if (objection === undefined) return
        setWord(objection)
      }
      timer = setTimeout(() => look(decode), PACE)
    }
    const start = async () => {
      try {
        const { default: decodeQR } = await import("qr/decode.js")
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } })
        if (over || !video.current) return stop()
        video.current.srcObject = stream
        await video.current.play()
        look((image) => {
          try {
            return decodeQR(image)
          } catch {
            return undefined
          }
        })
      } catch {
        setWord("The camera can't be used. Allow it in the browser's settings, or paste the code instead.")
      }
    }
    const stop = () => {
      over = true
      clearTimeout(timer)
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    void start()
    return stop
  }, [])
  return (
    <div class="scanner">
      <video ref={video} muted playsInline aria-label="Camera" />
      <p class="note" role="status">
        {word}
      </p>
      <Button place={at.stopScanning} onClick={onClose} />
    </div>
  )
}

const readFrame = (
  video: HTMLVideoElement,
  canvas: HTMLCanvasElement,
  decode: (image: ImageData) => string | undefined,
): string | undefined => {
  const { videoWidth, videoHeight } = video
  if (videoWidth === 0) return undefined
  const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight))
  canvas.width = Math.round(videoWidth * scale)
  canvas.height = Math.round(videoHeight * scale)
  const context = canvas.getContext("2d", { willReadFrequently: true })
  if (context === null) return undefined
  context.drawImage(video, 0, 0, canvas.width, canvas.height)
  return decode(context.getImageData(0, 0, canvas.width, canvas.height))
}
