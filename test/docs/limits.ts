/**
 * The limits of docs/protocol.md, "Limits": each value is the code's constant, so that the table cannot say another number. The
 * reasons are for readers; the constants' own comments say the same.
 */

import { MAX_DEPTH } from "../../src/core/codec/codec.ts"
import { BUDGET, REFILL } from "../../src/core/contact/budget.ts"
import { MAX_UNPROVEN } from "../../src/core/contact/links.ts"
import {
  MAX_ACKNOWLEDGED_APART,
  MAX_COMMIT_BYTES,
  MAX_EMOJI_BYTES,
  MAX_NAME_BYTES,
  MAX_TEXT_BYTES,
  MAX_TIMER,
} from "../../src/core/content.ts"
import { MAX_IN_PROGRESS, MAX_REASSEMBLY_BYTES } from "../../src/core/fragments.ts"
import { FRAGMENT_BYTES, MAX_FRAGMENTS, MAX_FRAME, MAX_HELLO, MAX_MESSAGE } from "../../src/core/frame.ts"
import { MAX_ADDRESS_BYTES, MAX_MEETING_PLACES } from "../../src/core/handshake/address.ts"
import { MAX_INVITE_NAME_BYTES } from "../../src/core/handshake/invite.ts"
import { MAX_MAILBOX, MAX_MAILBOX_BYTES } from "../../src/core/host/mailbox.ts"
import { MAX_AES_INDEX, MAX_AES_SKIP } from "../../src/core/layers/aes/state.ts"
import { INNER_OVERHEAD } from "../../src/core/layers/cascade.ts"
import {
  COMMIT_BYTES,
  MAX_FORWARD_STEPS,
  MAX_KEY_PACKAGE_BYTES,
  MAX_PAST_EPOCHS,
  MAX_WELCOME_BYTES,
  MESSAGES_PER_EPOCH,
} from "../../src/core/layers/mls/limits.ts"
import { MAX_BRAID_EPOCHS, MAX_BRAID_JUMP, MAX_STORED_BRAID_KEYS } from "../../src/core/layers/signal/braid-chains.ts"
import { MAX_RECEIVER_CHAINS, MAX_STORED_SEEDS, SEED_LIFETIME } from "../../src/core/layers/signal/receiver-chain.ts"
import { ANSWER_DEADLINE } from "../../src/core/layers/signal/session.ts"
import { MAX_STORED, SKIPPED_LIFETIME } from "../../src/core/layers/skipped-keys.ts"
import { LARGEST_BUCKET, SMALLEST_BUCKET } from "../../src/core/padding.ts"
import { MAX_HAND_CODE, MAX_LINK_FRAME } from "../../src/core/transport.ts"
import { FIRST_PAUSE, LAST_PAUSE } from "../../src/machines/delivery.ts"
import { MAX_FORWARD_JUMP } from "../../src/machines/double-ratchet.ts"
import { CONFIRM_PATIENCE, MAX_OFFERS } from "../../src/machines/inviter.ts"
import { MAX_INDEX, MAX_SKIP } from "../../src/machines/kem-ratchet.ts"
import { DEGRADED_PATIENCE, DIAL_PATIENCE, ECHO_PATIENCE, MAX_ATTEMPTS, PROBE_EVERY } from "../../src/machines/link.ts"
import { ACKNOWLEDGE_AFTER } from "../../src/machines/session-setup.ts"
import { DELIVERY_WINDOW, MAX_EARLY, MAX_WAITING, MAX_WAITING_BYTES } from "../../src/machines/session-state.ts"

export interface Limit {
  readonly what: string
  readonly value: string
  readonly why: string
}

const grouped = (value: number): string => value.toLocaleString("en-US")
const bytes = (value: number): string => `${grouped(value)} bytes`
const millis = (value: number): string =>
  value % 86_400_000 === 0
    ? `${value / 86_400_000} days`
    : value % 60_000 === 0
      ? `${value / 60_000} minutes`
      : value % 1_000 === 0
        ? `${value / 1_000} s`
        : `${value} ms`

const limit = (what: string, value: string, why: string): Limit => ({ what, value, why })

export const limits: ReadonlyArray<Limit> = [
  limit("link frame", bytes(MAX_LINK_FRAME), "the largest that every WebRTC stack sends unfragmented"),
  limit("handshake message", bytes(MAX_MESSAGE), "fits a link frame, so that none is ever fragmented"),
  limit("Hello", bytes(MAX_HELLO), "it comes from anybody"),
  limit("frame", bytes(MAX_FRAME), "the largest bucket, what the layers add, and its own head"),
  limit("fragment", bytes(FRAGMENT_BYTES), "with its fields it fits a link frame"),
  limit("fragments of a frame", grouped(MAX_FRAGMENTS), "follows from the two"),
  limit("frames in progress, for a contact", grouped(MAX_IN_PROGRESS), "a sender has few under way; more is a flood"),
  limit("memory for them", bytes(MAX_REASSEMBLY_BYTES), "each lacks at least one fragment"),
  limit("arrays and maps inside each other", grouped(MAX_DEPTH), "no format comes near it"),
  limit("meeting places in an invite", grouped(MAX_MEETING_PLACES), "a broker and one more way"),
  limit("address", bytes(MAX_ADDRESS_BYTES), "an invite has to fit a comfortable QR code"),
  limit("name in an invite", bytes(MAX_INVITE_NAME_BYTES), "likewise"),
  limit("code by hand", bytes(MAX_HAND_CODE), "fits a QR code beside an invite"),
  limit(
    "buckets",
    `${grouped(SMALLEST_BUCKET)} … ${bytes(LARGEST_BUCKET)}`,
    "a few lengths on the wire instead of all",
  ),
  limit("room for the inner layers", bytes(INNER_OVERHEAD), "MLS adds at most 320, Signal 300, KEM 2,364"),
  limit("text", bytes(MAX_TEXT_BYTES), "more goes by file transfer, when there is one"),
  limit("name", bytes(MAX_NAME_BYTES), "a display name"),
  limit("emoji of a reaction", bytes(MAX_EMOJI_BYTES), "the longest that Unicode recommends has 35"),
  limit("time until a message disappears", millis(MAX_TIMER), "longer is not disappearing"),
  limit("commit in a content", bytes(MAX_COMMIT_BYTES), `it has ${grouped(COMMIT_BYTES)}`),
  limit("numbers acknowledged apart", grouped(MAX_ACKNOWLEDGED_APART), "the rest waits for the next acknowledgement"),
  limit(
    "Signal: forward jump in a chain",
    grouped(MAX_FORWARD_JUMP),
    "Signal's; a larger gap is an attack, not a loss",
  ),
  limit("Signal: kept message keys in a chain", grouped(MAX_STORED_SEEDS), "Signal's"),
  limit("Signal: chains of the peer that are followed", grouped(MAX_RECEIVER_CHAINS), "Signal's"),
  limit("Signal: an unanswered session is given up after", millis(ANSWER_DEADLINE), "Signal's"),
  limit("Braid: forward jump in a chain", grouped(MAX_BRAID_JUMP), "Signal's"),
  limit("Braid: kept keys in a chain", grouped(MAX_STORED_BRAID_KEYS), "Signal's"),
  limit("Braid: epochs kept", grouped(MAX_BRAID_EPOCHS), "one before that sent in, and one that the peer may not know"),
  limit("MLS: forward jump", grouped(MAX_FORWARD_STEPS), "a session with a larger gap is made anew"),
  limit("MLS: past epochs that still open", grouped(MAX_PAST_EPOCHS), "late frames outlive one or two commits"),
  limit("MLS: messages in an epoch", grouped(MESSAGES_PER_EPOCH), "then the member whose turn it is should commit"),
  limit("MLS: KeyPackage", bytes(MAX_KEY_PACKAGE_BYTES), "it has 2,674; ts-mls is slow on hostile lists"),
  limit("MLS: Welcome", bytes(MAX_WELCOME_BYTES), "it has 4,389"),
  limit("KEM: forward jump", grouped(MAX_SKIP), "bounds the work for a frame that proves forged"),
  limit("KEM: messages of a turn", grouped(MAX_INDEX), "a 32-bit counter that never comes near its end"),
  limit("AES: forward jump", grouped(MAX_AES_SKIP), "as KEM"),
  limit("AES: messages of a direction", grouped(MAX_AES_INDEX), "as KEM"),
  limit("kept message keys of MLS, KEM and AES, each", grouped(MAX_STORED), "bounds what a peer can make us store"),
  limit(
    "lifetime of a kept message key",
    millis(Math.max(SKIPPED_LIFETIME, SEED_LIFETIME)),
    "it must not wait for a thief",
  ),
  limit(
    "handshake: repetition of a Bundle",
    `${MAX_OFFERS} times`,
    "an Accept comes in that time, or its sender is gone",
  ),
  limit("handshake: patience for the last Confirm", millis(CONFIRM_PATIENCE), "the peer may be away"),
  limit("delivery: contents under way", grouped(DELIVERY_WINDOW), "the rest waits as records"),
  limit("delivery: contents ahead of their turn", grouped(MAX_EARLY), "nobody who keeps to the window is so far ahead"),
  limit(
    "delivery: contents of ours that wait",
    `${grouped(MAX_WAITING)}, ${bytes(MAX_WAITING_BYTES)}`,
    "whoever writes more is told to wait",
  ),
  limit(
    "delivery: repetition",
    `${millis(FIRST_PAUSE)} … ${millis(LAST_PAUSE)}`,
    "doubles, so that an absent peer costs little",
  ),
  limit("delivery: acknowledgements gather for", millis(ACKNOWLEDGE_AFTER), "what arrives together shares one"),
  limit("link: patience with a dial", millis(DIAL_PATIENCE), "ICE gives up at about the same time"),
  limit(
    "link: probe, echo, then given up",
    [PROBE_EVERY, ECHO_PATIENCE, DEGRADED_PATIENCE].map(millis).join(", "),
    "a sleeping laptop is noticed in under a minute",
  ),
  limit("link: failures in a row before a long rest", grouped(MAX_ATTEMPTS), "we still listen"),
  limit("link: unproven ones kept", grouped(MAX_UNPROVEN), "who knows an address can open one"),
  limit(
    "frames of a link that may fail in a row",
    `${grouped(BUDGET)}, and ${REFILL} each second`,
    "each costs a few hundred microseconds",
  ),
  limit(
    "mailbox of a contact",
    `${grouped(MAX_MAILBOX)} events, ${bytes(MAX_MAILBOX_BYTES)}`,
    "what is sent faster than it opens is lost, and repeated",
  ),
]

export const limitsTable = (): string =>
  [
    "| what | limit | why |",
    "| --- | --- | --- |",
    ...limits.map(({ value, what, why }) => `| ${what} | ${value} | ${why} |`),
  ].join("\n")
