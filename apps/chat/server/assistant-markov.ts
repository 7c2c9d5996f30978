import { setTimeout as sleep } from "node:timers/promises";
import { TEXT } from "./assistant-text.ts";
import type { Assistant } from "./assistant.ts";

const SHORTEST = 60;
const LONGEST = 140;
const FIRST_TOKEN_MS = 300;

/** Words that say nothing about what a question is about. */
const COMMON = new Set(
  "about after again also and are because been but can could did does for from give had has have how into its just know like make more most not now one only other our out please should some such tell than that the their them then there these they this too use very want was way were what when where which who why will with would you your bow".split(
    " ",
  ),
);

const SENTENCES: readonly (readonly string[])[] = TEXT.trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/));

/** Two words to every word that ever came after them. */
const NEXT = new Map<string, string[]>();
for (const words of SENTENCES) {
  for (let at = 0; at + 2 < words.length; at += 1) {
    const pair = `${words[at] ?? ""} ${words[at + 1] ?? ""}`;
    NEXT.set(pair, [...(NEXT.get(pair) ?? []), words[at + 2] ?? ""]);
  }
}

/** Needs no network and no model: it recombines a text about knots and about this chat, word by word. */
export function markovAssistant(paceMs?: number): Assistant {
  return {
    info: { name: "Bow", about: "built in: a word generator over a small text, no model and no network" },
    async *reply(prompt, history, signal) {
      const random = seeded(`${prompt} ${String(history.length)}`);
      let wait = paceMs ?? FIRST_TOKEN_MS;
      for (const word of compose(prompt, random)) {
        await sleep(wait, undefined, { signal });
        yield word;
        wait = paceMs ?? 15 + random() * 45;
      }
    },
  };
}

/** Sentences that begin near the words of the prompt and wander off from there, 60 to 140 words of them. */
function* compose(prompt: string, random: () => number): Generator<string> {
  const subjects = subjectsOf(prompt);
  const enough = SHORTEST + random() * 40;
  const said = new Set<string>();
  let written = 0;
  for (const start of rank(subjects, random)) {
    const sentence = wander(start, subjects, random);
    if (written + sentence.length > LONGEST || said.has(sentence.join(" "))) continue;
    said.add(sentence.join(" "));
    for (const word of sentence) {
      yield written === 0 ? word : ` ${word}`;
      written += 1;
    }
    if (written >= enough) return;
  }
}

/** One sentence: as `start` up to its subject, then on along any sentence that shares two words in a row with it. */
function wander(
  start: readonly string[],
  subjects: readonly string[],
  random: () => number,
): readonly string[] {
  const subject = start.findIndex((word) => subjects.some((each) => word.toLowerCase().startsWith(each)));
  const words = start.slice(0, Math.max(2, subject + 1));
  const used = new Set<string>();
  while (words.length < LONGEST) {
    const pair = words.slice(-2).join(" ");
    // The same turn twice would go in circles.
    const next = (NEXT.get(pair) ?? []).filter((word) => !used.has(`${pair} ${word}`));
    const word = next[Math.floor(random() * next.length)];
    if (word === undefined) break;
    used.add(`${pair} ${word}`);
    words.push(word);
  }
  return words;
}

/** Sentences that have most of the subjects first, the others in any order after them. */
function rank(subjects: readonly string[], random: () => number): readonly (readonly string[])[] {
  const scored = SENTENCES.map((words) => {
    const text = ` ${words.join(" ").toLowerCase()}`;
    return {
      words,
      score: subjects.filter((subject) => text.includes(` ${subject}`)).length + random() * 0.9,
    };
  });
  return scored.sort((a, b) => b.score - a.score).map(({ words }) => words);
}

function subjectsOf(prompt: string): readonly string[] {
  const words = prompt.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  // Without its ending, "knots" also finds "knot".
  return [
    ...new Set(words.filter((word) => !COMMON.has(word)).map((word) => word.replace(/(?:s|es|ing|ed)$/, ""))),
  ];
}

/** mulberry32 over a hash of the text: the same question in the same place gets the same answer. */
function seeded(text: string): () => number {
  let state = 0x9e3779b9;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}
