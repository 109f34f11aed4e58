/**
 * Roles and accessible names of everything that a person, a screen reader or a test looks for. Components take their labels
 * from here and tests their locators, so that neither drifts from the other.
 */

export interface Place {
  readonly role:
    | "alert"
    | "button"
    | "complementary"
    | "dialog"
    | "group"
    | "heading"
    | "img"
    | "list"
    | "listbox"
    | "log"
    | "main"
    | "menu"
    | "menuitem"
    | "navigation"
    | "searchbox"
    | "status"
    | "switch"
    | "textbox"
    | "radio"
    | "radiogroup"
    | "checkbox"
    | "combobox"
    | "spinbutton"
    | "region"
  readonly name: string
}

const place = <R extends Place["role"]>(role: R, name: string) => ({ role, name }) as const
const button = (name: string) => place("button", name)

/** Fixed places. */
export const at = {
  main: place("navigation", "Main"),
  search: place("searchbox", "Search chats"),
  chats: place("listbox", "Chats"),
  newChat: button("New chat"),
  createInvite: button("Create invite"),
  useInvite: button("Use an invite"),
  settings: button("Settings"),
  update: button("Update"),
  later: button("Later"),
  back: button("Back"),
  close: button("Close"),
  cancel: button("Cancel"),
  tryAgain: button("Try again"),

  firstName: place("textbox", "Your name"),
  start: button("Start"),

  send: button("Send"),
  messageActions: place("menu", "Message actions"),
  openMessageActions: button("Message actions"),
  reply: place("menuitem", "Reply"),
  copyMessage: place("menuitem", "Copy"),
  react: place("menuitem", "React"),
  edit: place("menuitem", "Edit"),
  deleteForMe: place("menuitem", "Delete for me"),
  deleteForEveryone: place("menuitem", "Delete for everyone"),
  reactions: place("menu", "Reactions"),
  takeBack: place("menuitem", "Take your reaction back"),
  stopReplying: button("Stop replying"),
  stopEditing: button("Stop editing"),
  deleteDialog: place("dialog", "Delete message"),
  deleteIt: button("Delete"),
  messageInfo: place("menuitem", "Message info"),
  retry: button("Retry"),

  createInviteDialog: place("dialog", "Create invite"),
  inviteCode: place("img", "Invite QR code"),
  inviteLink: place("textbox", "Invite link"),
  copyLink: button("Copy link"),
  shareLink: button("Share"),
  cancelInvite: button("Cancel invite"),
  byHandInstead: button("Connect by hand instead"),
  newChatDialog: place("dialog", "New chat"),

  useInviteDialog: place("dialog", "Use an invite"),
  invite: place("textbox", "Invite"),
  connect: button("Connect"),
  scanInvite: button("Scan a code"),

  byHand: button("Connect by hand"),
  byHandDialog: place("dialog", "Connect by hand"),
  handCode: place("img", "QR code to show"),
  handCodeText: place("textbox", "Code to show"),
  handReply: place("textbox", "Their code"),
  copyCode: button("Copy code"),
  continue: button("Continue"),
  showCode: button("Show a code"),
  haveReply: button("I have the reply"),
  stopScanning: button("Stop scanning"),
  createAnother: button("Create another"),
  reload: button("Reload"),
  readAgain: button("Older messages could not be read. Try again"),
  handSteps: place("list", "Steps by hand"),

  progress: place("list", "Connection progress"),
  useCode: button("Use a code instead"),
  changeService: button("Change service"),
  addTurn: button("Add TURN"),

  connection: place("status", "Connection"),
  securityAlert: place("alert", "Security alert"),
  details: button("Details"),
  compareNumbers: button("Compare numbers"),
  continueWithout: button("Continue without comparing"),
  goOnHere: button("Go on here"),
  safetyNumber: place("group", "Safety number"),
  safetyCode: place("img", "Safety number QR code"),
  numbersMatch: button("Numbers match"),
  numbersDiffer: button("Numbers don't match"),
  block: button("Block"),
  unblock: button("Unblock"),
  remove: button("Remove"),
  disappearing: place("combobox", "Disappearing messages"),
  countedFrom: place("combobox", "Counted from"),
  clear: button("Clear conversation"),

  inside: place("complementary", "Look inside"),
  lookInside: button("Look inside"),
  detailsPane: place("complementary", "Details"),
  pause: button("Pause"),
  resume: button("Resume"),
  copyRedacted: button("Copy redacted"),

  receipts: place("switch", "Send read receipts"),
  typing: place("switch", "Send typing indicator"),
  enterSends: place("switch", "Enter sends"),
  saveName: button("Save name"),
  relayOnly: place("switch", "Only through TURN"),
  host: place("textbox", "Host"),
  port: place("textbox", "Port"),
  path: place("textbox", "Path"),
  key: place("textbox", "Key"),
  tls: place("switch", "Encrypted connection (TLS)"),
  saveService: button("Use this service"),
  ownService: button("Back to this page's own"),
  servers: place("list", "STUN and TURN servers"),
  serverUrl: place("textbox", "Add a server"),
  user: place("textbox", "User name"),
  password: place("textbox", "Password"),
  addServer: button("Add server"),
  showShortcuts: button("Keyboard shortcuts"),
  theme: place("radiogroup", "Theme"),
  notNow: button("Not now"),
  askToKeep: button("Ask to keep data"),
  shortcuts: place("dialog", "Keyboard shortcuts"),
  useHere: button("Use here"),

  lock: button("Lock"),
  unlock: button("Unlock"),
  unlockWithPasskey: button("Unlock with a passkey"),
  lockAtAll: place("switch", "Lock with a passphrase"),
  autoLock: place("combobox", "Lock by itself"),
  turnLockOn: button("Turn lock on"),
  encryptNow: button("Encrypt and lock"),
  changePassphrase: button("Change passphrase"),
  savePassphrase: button("Save passphrase"),
  addPasskey: button("Add a passkey"),
  unlockMethods: place("list", "Ways to unlock"),
  saveBackup: button("Save backup"),
  saveBackupDialog: place("dialog", "Save backup"),
  backupSecret: place("radiogroup", "What opens it"),
  byPhrase: place("radio", "24 words"),
  byPassphrase: place("radio", "Passphrase"),
  phrase: place("list", "Recovery phrase"),
  wroteDown: place("checkbox", "I have written all 24 words down"),
  newPassphrase: place("textbox", "New passphrase"),
  repeatPassphrase: place("textbox", "The same again"),
  passphrase: place("textbox", "Passphrase"),
  saveFile: button("Save file"),
  done: button("Done"),
  restoreBackup: button("Restore backup"),
  restoreBackupDialog: place("dialog", "Restore backup"),
  backupFile: place("button", "Backup file"),
  enterPhrase: place("textbox", "Recovery phrase"),
  restoreNow: button("Restore"),
  exportReadable: button("Readable export"),
  exportDialog: place("dialog", "Readable export"),
  exportFormat: place("radiogroup", "Kind of file"),
  exportSure: place("checkbox", "I want an unencrypted copy"),
  exportNow: button("Save unencrypted"),
  eraseProfile: button("Erase this profile"),
  eraseDialog: place("dialog", "Erase this profile?"),
  eraseSure: place("checkbox", "Erase everything, for good"),
  eraseNow: button("Erase"),
  checks: place("list", "Checks"),
  runChecks: button("Run checks"),
  copyReport: button("Copy report"),
  saveRecording: button("Save recording"),
} as const

/** Places that carry somebody's name or a number. `who` is what `called` returns. */
export const of = {
  option: (chat: { who: string; unread: number; state: string; last: string }) =>
    [chat.who, chat.unread > 0 ? `${chat.unread} unread` : "", chat.state, chat.last].filter(Boolean).join(", "),
  log: (who: string) => place("log", `Messages with ${who}`),
  composer: (who: string) => place("textbox", `Message to ${who}`),
  conversation: (who: string) => place("region", `Conversation with ${who}`),
  jump: (fresh: number) => button(fresh > 0 ? `Jump to latest, ${fresh} new` : "Jump to latest"),
  verify: (who: string) => place("dialog", `Verify ${who}`),
  scan: (who: string) => button(`Scan ${who}'s code`),
  reaction: (emoji: string, word: string) => place("menuitem", `${emoji} ${word}`),
  clearing: (who: string) => place("dialog", `Clear conversation with ${who}?`),
  removeMethod: (name: string) => button(`Remove ${name.toLowerCase()}`),
  removal: (who: string) => place("dialog", `Remove ${who}?`),
  /** `more`: what else there is to hear of it, such as "Edited". */
  message: (row: { who: string; text: string; time: string; mark: string; more?: ReadonlyArray<string> }) =>
    [`${row.who}: ${row.text}`, row.time, row.mark, ...(row.more ?? [])]
      .filter(Boolean)
      .map((part) => `${part.replace(/[.\s]+$/, "")}.`)
      .join(" "),
} as const

/**
 * What a contact is called on screen. The name is the peer's claim: direction overrides and control characters would let it
 * rearrange the words around it.
 */
export const called = (contact: { readonly name: string }): string => {
  const plain = contact.name
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
  return plain === "" ? "New contact" : plain
}
