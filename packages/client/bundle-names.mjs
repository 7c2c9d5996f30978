import { readFileSync } from "node:fs";

/**
 * Properties that get a short name in the minified files: they pass between our own modules only. What a user may write,
 * what is on the wire and what belongs to the platform MUST NOT stand here; tests/package/client-bundle.test.ts holds
 * the list against what the package declares.
 */
export const INTERNAL_NAMES = `
  env setTimer clearTimer wallClock openWebSocket onPage base64 pageUrl reportError
  codec decoder attachments spent settle failAll forget
  listener resume isAlive lose upgraded opened failed release blame tryUpgrade again cancel expectLife idle receive isLast
  onText memory parcel isLate
  frame closed session fail answer queue prepend dispatch list timer count fetch pause failure run pinged
  isProven frames transmit drain flush received report namespace
  asked repeat lostAnswer unanswered secret _life inDoubt canSend isSent confirm control changed asked reassign reply frames isAnswer isVolatile
  _loss _gone _isAsked _forget _request _agreed _suspend _end _take _resumed _isJoined _control _leaves _ended _outbox _changed _leaveForGood
  _events _send _fire _failed _probe _deliver _sent _join _leave _session _encode _opened _receive _closed
`
  .trim()
  .split(/\s+/);

/** Most frequent first, as terser has them, so that both name alike. */
const LETTERS = "tienalsrohcdufpmgykbwvxzjqOPQRSTUVWXYZ";
/** Files of classes that others extend: their letters are their own. */
const BASES = { "emitter.ts": "ABCDEFG", "inbox.ts": "HIJKLMN" };

/** What tells the peer's faults apart; in minified files their code has to do. */
const PEERS_FAULT = /(?<=(?:new RealtimeError\("bad_(?:packet|handshake)",\s*|\bbad\())(?:"[^"]*"|`[^`]*`)/g;

/** What minified files say in fewer words: whom it concerns has the error's code, and socket.io.js beside it. */
const FEWER_WORDS = {
  "url.ts": { "needs the server's address": "needs an address" },
  "engine/session.ts": {
    "no sign of life within ${": "silent for ${",
    "closed by the server": "",
    "cannot connect to ": "",
  },
  "manager.ts": { "network connection lost": "offline" },
  "open.ts": { "no answer within ": "timeout " },
  "transport-http.ts": { "stream cut": "cut" },
  "upgrade.ts": { "upgrade broke": "upgrade" },
  "socket.ts": { "auth failed: ": "" },
  "parcel.ts": { "bytes; the server's maxHttpBufferSize is": "bytes, above" },
  "ack-table.ts": { "the handler failed": "failed" },
  "outbox.ts": {
    "bytes wait to be confirmed; wait too, or raise resumption.maxQueuedBytes": "bytes",
    "the volatile event was dropped": "",
    "the answer was lost": "",
    "socket has been disconnected": "",
  },
};

/** Members that only others use. */
const UNUSED = { "listeners.ts": ["names"], "errors.ts": ["static from"] };

/** Members that are there for code written for Socket.IO; what is called `bowline` does without. */
export const OLD = {
  "emitter.ts": [
    "addEventListener",
    "removeListener",
    "removeEventListener",
    "removeAllListeners",
    "listeners",
    "hasListeners",
  ],
  "listeners.ts": ["list", "prepend"],
  "inbox.ts": [
    ...["onAny", "prependAny", "offAny", "listenersAny"],
    ...["onAnyOutgoing", "prependAnyOutgoing", "offAnyOutgoing", "listenersAnyOutgoing"],
    ...["readonly #any", "_sent", "#notify"],
  ],
  "socket.ts": [
    ...["get disconnected", "get sendBuffer", "set sendBuffer", "get receiveBuffer"],
    ...["open", "close", "send", "compress"],
  ],
  "manager.ts": ["open"],
  "outbox.ts": ["#emit", "#failed"],
  "operator.ts": ["compress", "send"],
};

/**
 * `#name` becomes a letter, by file: minified files have no use for the language's privacy, which costs a `#` and a
 * declaration each. Padded, so that source maps stay right.
 */
export const shortening = (old = {}) => ({
  name: "shortening",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const names = new Map();
      const file = path.split("/").at(-1);
      const letters = BASES[file] ?? LETTERS;
      const source = readFileSync(path, "utf8");
      const count = new Map();
      for (const [, name] of source.matchAll(/(?<=^\s*|[\s.])#([a-z]\w*)/gim))
        count.set(name, (count.get(name) ?? 0) + 1);
      for (const [name] of [...count].sort((a, b) => b[1] - a[1])) names.set(name, letters[names.size]);
      const short = (_, name) => {
        if (!names.has(name)) names.set(name, letters[names.size]);
        return names.get(name).padEnd(name.length + 1);
      };
      const unwanted = ["-", ...(UNUSED[file] ?? []), ...(old[file] ?? [])].join("|");
      const contents = inFewerWords(path, source)
        .replace(new RegExp(`^  (?:${unwanted})(?:[(<][^]*?^  \\}|[ :][^]*?;$)`, "gm"), blank)
        .replace(/(?<=^\s*|[\s.])#([a-z]\w*)/gim, short)
        .replace(PEERS_FAULT, (text) => '""'.padEnd(text.length));
      return { contents, loader: "ts" };
    });
  },
});

function inFewerWords(path, source) {
  const [, sayings = {}] = Object.entries(FEWER_WORDS).find(([end]) => path.endsWith(`/${end}`)) ?? [];
  return Object.entries(sayings).reduce((said, [words, fewer]) => {
    if (!said.includes(words)) throw new Error(`${path} does not say "${words}"`);
    return said.replaceAll(words, fewer);
  }, source);
}

/** Keeps the lines, for the source map. */
function blank(text) {
  return text.replace(/[^\n]/g, " ");
}
