/** The words of docs/performance.md that no measurement makes. */
import { isReached, type Kept } from "./result.ts"
import { goalText, number, quantity } from "./words.ts"

export const introduction = (results: ReadonlyArray<Kept>): string => {
  const goals = results.flatMap(({ figures }) => figures).filter(({ goal }) => goal !== undefined)
  const reached = goals.filter(isReached).length
  return `# Performance

What Sotto costs, beside what others cost on the same machine in the same minutes. Made by \`npm run bench\`, which prints it, keeps
the numbers in [results.json](performance/results.json), and renders this page; do not edit it. ${reached} of ${goals.length} goals are reached.

Contenders take turns, round by round, at least seven rounds each after warming up; a quotient is taken within each round, and what
stands here is the median over the rounds with the quartiles behind it. Times of computing are those of the thread that computes, so
that a busy machine shows less in them; what waits for disks and channels is timed by the clock on the wall. Trust the
quotients more than the microseconds. Rows that are measured by the wall, and Chromium's, suffer most from a machine that does other
work at the same time; those below say when and where they were taken.`
}

/** A median out of the results, in words; "?" where it was not measured. */
const told = (results: ReadonlyArray<Kept>, id: string, name: string): string => {
  const row = results.find((one) => one.id === id)
  const found = [
    ...(row?.contenders ?? []),
    ...(row?.figures ?? []).map(({ says, unit, value }) => ({ name: says, unit, ...value })),
  ]
  const one = found.find((entry) => entry.name.startsWith(name))
  return one === undefined ? "?" : `${number(one.median)} ${one.unit}`
}

/** What was said beside a row's numbers. */
const note = (results: ReadonlyArray<Kept>, id: string): string =>
  results.find((one) => one.id === id)?.notes?.join(" ") ?? "Not measured."

/**
 * Whether a goal lies beyond what a minimal peer reached in the same rounds, which has nothing of our engine and keeps no more than
 * the promises: said of what was measured last, and nothing while it was not.
 */
const floorOf = (
  results: ReadonlyArray<Kept>,
  id: string,
  says: string,
  what: { readonly goalOf?: string; readonly name: string } = { name: "our engine" },
): string => {
  const figures = results.find((one) => one.id === id)?.figures ?? []
  const floor = figures.find((one) => one.says.startsWith(says))
  const figure = figures.find((one) => one.goal !== undefined && one.says.startsWith(what.goalOf ?? ""))
  if (floor === undefined || figure?.goal === undefined) return ""
  const goal = goalText(figure)
  return isReached({ ...floor, goal: figure.goal })
    ? `\n  **Not out of reach on this machine**: ${floor.says}, in the same rounds: ${quantity(floor.value, floor.unit)} (goal ${goal}). What lies between is ${what.name}.`
    : `\n  **Out of reach on this machine**: ${floor.says}, in the same rounds: ${quantity(floor.value, floor.unit)} (goal ${goal}). Without ${what.name} it is no less.`
}

export const afterwards = (results: ReadonlyArray<Kept>): string => `## What was done

- **Key objects are kept** with the array that the caller holds the key in (\`core/crypto/kept.ts\`): OpenSSL computes the public key at
  every import of a secret one, which took as long as the signature. At most 512 of a kind; an array with another content is another key.
- **An import of a key leaves no stacks** (\`adapters/crypto/native-public-key.ts\`): to find out what it was given, Node 24 throws up to four errors
  and catches them again; their stacks were four fifths of an import.
- **A side of a pairing imports a key when it makes or reads it, and not again**: seeds and prekeys were copied before each use, and a copy is
  another key to the supplier; the point of an identity that signs or is verified twice is computed once (\`core/crypto/xeddsa.ts\`); and an ML-KEM public key
  is exported as JWK, which takes a tenth of DER's time.
- **A MAC of up to 8 KiB is two hashes in one call each** instead of an Hmac object.
- **A MAC in JavaScript uses one hash object again** (\`core/crypto/noble-hmac.ts\`), as browsers need them at once and WebCrypto gives them later:
  making two objects and a pad for each took a third of a short one's time, and two fifths of a message in Chromium were hashing.
- **The braid's polynomials** are computed once a message and not once a chunk, and a chunk by the bits of its coefficients, two words at
  a time.
- **Layers copy little.** An array of more than 64 bytes lies outside V8's heap: making one costs half a microsecond, one of 2 KiB
  one and a half, and filling it a twentieth. So what a MAC or a derivation reads is joined in one buffer that is wiped and used again
  (\`ofJoined\`), headers and bodies are views of one copy, and a message is not copied again for the MAC behind it.
- **Statecharts are run by what was worked out once of their drawing** (\`core/host/chart.ts\`): XState's own interpreter makes a snapshot for every
  assignment, and took a sixth of a message. A test holds the two together, on our machines and on arbitrary ones.
- **A turn of the host is one loop**; what an event did is undone from a list of what stood there before; a row that stayed as it was is not
  written.
- **What nobody hears is not said**: a delivery told its outcome by two commands a message, each kept, performed and confirmed, to an
  application that reads the machine's state.
- **Encoders share one buffer**, which is wiped after each.
- **In a browser no turn waits for a timer** (\`adapters/turns.ts\`): Effect's own scheduler takes \`setTimeout\` there, which waits 4 ms at every
  fifth turn.
- **A commit in IndexedDB asks for everything at once** and ends without waiting for each answer; what does not hold aborts it.
- **What a host keeps for a short while lies in packs in IndexedDB** ([storage.md](storage.md#packs)): a request takes 65 to 100 µs whatever it
  carries, and of some twenty a message on both sides five are left.
- **A frame that is later than all before is not looked for** among those that were opened.
- **An acknowledgement reaches the deliveries that wait for it**, not the hundreds that rest until they are read.
- **Sends and receives that queue up while a commit is under way share the next one**, in order (\`core/host/host.ts\`).
- **What was just committed is not read back** (\`core/host/recent.ts\`): a message is sent without reading the storage at all, and told of without
  reading it again.
- **Which messages there are is learnt once** (\`core/contact/roster.ts\`), of a conversation of up to 1,024: a look into a browser's storage
  whether a message came before took the receiver longer than opening it.
- **A contact that nobody talks to sleeps** ([architecture.md](architecture.md#sleeping-contacts)): one text and one object instead of a host.
- **Keys of the next pairing are made when nothing else is to be done** ([architecture.md](architecture.md#keys-made-ahead)), one set for an
  invite and one for joining: an invite waits ${told(results, "chromium-pairing", "the same, made ahead")} for its keys in Chromium instead of
  ${told(results, "chromium-pairing", "the keys of an invite")}, and a joiner answers in ${told(results, "chromium-pairing", "joiner, with")} instead of ${told(results, "chromium-pairing", "joiner")}.
- **A list of contacts moves the one that spoke**, and does not sort the others again.

## What stops the goals that are not reached

- **Beside one layer of core-crypto, and beside our floor.** The floor, the primitives alone, takes ${told(results, "cascade", "our primitives")}, and one
  layer of core-crypto ${told(results, "cascade", "core-crypto, one MLS")}. Of the floor, some 158 µs are one Ed25519 signature (43) and its verification (115) in
  OpenSSL; 24 HMACs take about 60, four HKDFs 32, ten ciphers 80 (six AES-GCM, two AES-CBC, two ChaCha20-Poly1305, each an object of
  Node's with a key object, whatever its size). The documents fix all of them: none can be left out or shared. So 0.8 × core-crypto leaves
  some 80 µs for everything else, 1.25 × the floor some 90: eight steps of statecharts, dozens of effects, a chunk of the braid, and
  what is allocated. That is most of it: a message makes 113 KB of objects in V8's heap and the floor alone 41 KB (V8's sampling heap profiler;
  an array of 32 bytes is 250 bytes of heap), besides some thirty arrays of 2 to 5 KiB outside of it, so each message runs through memory that no
  cache holds, where the floor runs in the same few lines. Rust allocates none of it. Of our
  ${told(results, "cascade", "Sotto, four")}, the profile gives ${told(results, "profile-cascade", "native code")} to native code, ${told(results, "profile-cascade", "Node's crypto")} to
  Node's module around it, ${told(results, "profile-cascade", "Effect")} to Effect and ${told(results, "profile-cascade", "collecting")} to collecting garbage.${floorOf(results, "cascade", "minimal layers ÷ core-crypto", { goalOf: "four layers ÷ core-crypto, one MLS", name: "our layers' statecharts, states and checks" })}${floorOf(results, "cascade", "minimal layers ÷ our", { goalOf: "four layers ÷ our", name: "our layers' statecharts, states and checks" })}
- **Beside libsignal.** Much of our layer's time is OpenSSL behind Node's interface: four key derivations, six MACs and two ciphers a message, about 70
  µs; a turn of the ratchet imports three new keys beside its two agreements. Rust imports nothing. Quartiles lie far apart in both rows, and medians
  differ from run to run, since libsignal's handles are let go by finalizers: V8 runs those of thousands of messages at once, for up to 0.2 s, in
  whoever's turn it is. With everything collected between the turns, and counted for nobody, the quotients were 0.92 to 1.10 and 1.50 to 1.57 in
  three runs; with longer turns that each end with a collection of their own, 0.67 to 0.76 and 1.22 to 1.28.
- **Pairing.** Four agreements are X-Wing five times over and PQXDH, all of it with keys that are used once: import is most of each operation.
- **The engine around the layers.** ${note(results, "overhead")} With layers that only carry it takes
  ${told(results, "overhead", "engine with layers")} a side, of which [the profile](#profile-carrying) gives
  ${told(results, "profile-carrying", "Sotto: host")} to the host (turns, drafts, statecharts), ${told(results, "profile-carrying", "Effect")} to Effect's fibers,
  ${told(results, "profile-carrying", "Sotto: codecs")} to codecs, ${told(results, "profile-carrying", "Sotto: adapters")} to the storage and the network in memory,
  which copy what they are given, and ${told(results, "profile-carrying", "collecting")} to collecting garbage. No single part of it is what stands
  between it and 60 µs: without the host it would still be more; beside real ones, which share the processor's caches with it and leave garbage,
  ${told(results, "overhead", "engine, a message")}. Of all of a message's time ${told(results, "profile-engine", "Effect")} is Effect,
  ${told(results, "profile-engine", "Sotto: host")} the host, ${told(results, "profile-engine", "Sotto: codecs")} codecs and
  ${told(results, "profile-engine", "collecting")} collecting garbage; no function of ours has more than a few hundredths.${floorOf(results, "overhead", "a minimal peer")}
- **Durable messages.** ${note(results, "durable")} Both sides' commits wait for the disk on the one thread that also seals and opens.
  What is over the goal is the engine, twice, as above.${floorOf(results, "durable", "a minimal peer")}
- **Two browsers.** ${note(results, "browsers-stream")} Each page seals or opens a message and an acknowledgement now and then, and waits for its
  own strict transactions; a message is known as had after both sides' and a way each. Two pages, the two browsers' processes for
  storage and network, and their channel share the machine's processors; the bare cascade has one to itself.${floorOf(results, "browsers-stream", "a minimal peer")}
- **One message after idling.** Two strict transactions, one after the other, take ${told(results, "browsers-latency", "a bare strict transaction")} each without an engine,
  and sealing and opening ${told(results, "browsers-latency", "the four layers")}, all of it in a row and nothing idle before. After idling all of it takes longer than in a row: sealing ${told(results, "browsers-latency", "sender: sealing")}, the sender's commit
  ${told(results, "browsers-latency", "sender: the commit")}, the channel one way ${told(results, "browsers-latency", "the channel")}, opening ${told(results, "browsers-latency", "receiver: opening")}, one look whether the
  message is here already ${told(results, "browsers-latency", "receiver: the look")}, the receiver's commit ${told(results, "browsers-latency", "receiver: the commit")}. The engines and the turns
  of their pages are ${told(results, "browsers-latency", "sender: the engine")} and ${told(results, "browsers-latency", "receiver: the engine")}. No timer is on that way, one commit on each side, and
  the application is told before the acknowledgement is sealed. Without any layer a minimal peer takes ${told(results, "browsers-latency", "a minimal peer without")} beyond the round trip.${floorOf(results, "browsers-latency", "a minimal peer with the")}

## To measure again

    npm run bench                            # everything; some minutes
    npm run bench -- --only cascade,pairing  # some rows, by the beginning of their names
    npm run bench:suppliers                  # which supplier is fastest for which primitive
    node --cpu-prof test/bench/row.ts cascade

The first run installs the peers beside the measurements (test/bench has a package of its own; libsignal-client is AGPL, core-crypto
GPL; nothing of Sotto depends on them).`
