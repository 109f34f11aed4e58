/** Line drawings, 24 × 24, in the colour of the text around them. They say nothing that words do not say as well. */

const drawings = {
  back: "M15 5l-7 7 7 7",
  forward: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16.5 16.5L21 21",
  settings: "M4 7h9M19 7h1M4 17h1M11 17h9M16 4.5v5M8 14.5v5",
  send: "M12 20V5M5.5 11.5L12 5l6.5 6.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  down: "M12 5v14M5.5 12.5L12 19l6.5-6.5",
  copy: "M9 9h10v11H9zM5 15V4h10",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
  hand: "M5 4h6v6H5zM14 4h5v5M5 14h5v6H5zM14 14h5v6h-5z",
  info: "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 0 0 0-17zM12 11v5.500M12 7.500h.01",
  alert: "M12 4L2.500 20h19zM12 10v4.500M12 17.200h.01",
  inside: "M8 4H5v16h3M16 4h3v16h-3M12 9v6",
  chat: "M4 5h16v11H11l-4 4v-4H4z",
  check: "M5 12.500l4.500 4.500L19 7.500",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.500v13l10-6.500z",
  refresh: "M19 12a7 7 0 1 1-2-5M19 3v4.500h-4.500",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7",
  edit: "M5 19l1-4L16.500 4.500l3 3L9 18zM14 7l3 3",
  timer: "M12 6a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM12 9.500V13l2.500 1.500M9.500 3h5",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  person: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
} as const

export type IconName = keyof typeof drawings

export const Icon = ({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) => (
  <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
    <path d={drawings[name]} />
  </svg>
)
