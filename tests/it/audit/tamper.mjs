// Changes an exported audit log in so many ways, each at random from its seed, and has `scripts/verify-audit.mjs` look at
// each: every change before the last anchor must be found. Then it changes bytes of the file itself: what can still be read
// says the same, or is told.
//
// usage: tamper.mjs LOG KEY ANCHOR COUNT BYTES

import { readFileSync } from "node:fs";

import { read, verify } from "../../../scripts/verify-audit.mjs";

const [, , file, key, anchor, count, bytes] = process.argv;
const whole = readFileSync(file, "utf8");
const secret = Buffer.from(key, "hex");

/** Numbers from a seed: mulberry32. */
function random(seed) {
  let state = seed + 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const WAYS = {
  edit(log, last, of) {
    const entry = log.entries[of(last)];
    const field = ["number", "at", "operator", "action", "customer", "run", "facts"][of(7)];
    const value = entry[field];
    if (field === "number") entry.number += 1000;
    else if (value === null) entry[field] = "";
    else if (field === "at") entry.at = new Date(Date.parse(value) + 1 + of(1e9)).toISOString();
    else {
      const at = of(value.length);
      entry[field] = [value.slice(0, at) + value.slice(at + 1), `${value.slice(0, at)}x${value.slice(at)}`, null][of(3)];
    }
  },
  remove(log, last, of) {
    log.entries.splice(of(last), 1 + of(3));
  },
  add(log, last, of) {
    const at = of(last);
    const [one, other] = [log.entries[at], log.entries[at + 1]];
    log.entries.splice(at, 0, { ...one, number: one.number - 0.5, facts: other?.facts ?? "{}" });
  },
  below(log, last, of) {
    log.entries.unshift({ ...log.entries[of(last)], number: -of(1e9) });
  },
  swap(log, last, of) {
    const [one, other] = [of(last), of(last)];
    const there = { ...log.entries[one], number: log.entries[other].number };
    log.entries[other] = { ...log.entries[other], number: log.entries[one].number };
    [log.entries[one], log.entries[other]] = [log.entries[other], there];
  },
  reorder(log, last, of) {
    const [entry] = log.entries.splice(of(last), 1);
    log.entries.splice(of(last), 0, entry);
  },
  cut(log, last, of) {
    const at = of(last);
    log.entries.length = at;
    // Whoever cuts the entries cuts the anchors that tell of them too.
    if (of(2) === 0) log.anchors = log.anchors.filter(({ number }) => number <= (log.entries.at(-1)?.number ?? 0));
  },
  behead(log, last, of) {
    log.entries.splice(0, 1 + of(last - 1));
  },
  unanchor(log, _, of) {
    log.anchors.splice(of(log.anchors.length), 1);
  },
  forge(log, _, of) {
    const one = log.anchors[of(log.anchors.length)];
    one.mac = `${(Number.parseInt(one.mac[0], 16) ^ 1).toString(16)}${one.mac.slice(1)}`;
  },
};

const names = Object.keys(WAYS);
const tried = Object.fromEntries(names.map((name) => [name, 0]));
const last = JSON.parse(whole).entries.filter(({ number }) => number <= Number(anchor.split(" ")[0])).length;
const untouched = verify(JSON.parse(whole), secret, anchor);
if (untouched.faults.length > 0 || untouched.covered !== last) throw new Error(`as it is: ${JSON.stringify(untouched)}`);
const same = JSON.stringify(JSON.parse(whole));

let found = 0;
for (let seed = 0; found < Number(count); seed += 1) {
  const of = random(seed);
  const way = names[of(names.length)];
  const log = JSON.parse(whole);
  WAYS[way](log, last, of);
  // A change to what it was before is none.
  if (JSON.stringify(log) === same) continue;
  if (verify(log, secret, anchor).faults.length === 0) throw new Error(`seed ${seed}: ${way} was not found`);
  tried[way] += 1;
  found += 1;
}

/** Whatever of the log says who did what before the last anchor, and what it is told by. */
const told = ({ workspace, entries, anchors }) =>
  JSON.stringify([
    workspace,
    entries.slice(0, last).map(({ number, at, operator, action, customer, run, facts }) => [
      String(number), at, operator, action, customer, run, facts,
    ]),
    // Those of other keys are left out, as those of other computers are.
    anchors.map(({ number, at, mac }) => [String(number), at, mac]),
  ]);

const written = readFileSync(file);
const BYTES = {
  flip: (at, of) => [written.subarray(0, at), Buffer.from([written[at] ^ (1 << of(8))]), written.subarray(at + 1)],
  set: (at, of) => [written.subarray(0, at), Buffer.from([of(256)]), written.subarray(at + 1)],
  digit: (at, of) => [written.subarray(0, at), Buffer.from(String(of(10))), written.subarray(at + 1)],
  put: (at, of) => [written.subarray(0, at), Buffer.from([of(128)]), written.subarray(at)],
  take: (at, of) => [written.subarray(0, at), written.subarray(at + 1 + of(4))],
  end: (at) => [written.subarray(0, at)],
};

/** What becomes of a file: it is `unreadable`, `told` to be changed, or says the `same`. */
function judged(content) {
  const log = read(() => content.toString("utf8"));
  if (log === undefined) return "unreadable";
  if (verify(log, secret, anchor).faults.length > 0) return "told";
  return told(log) === told(JSON.parse(whole)) ? "same" : "missed";
}

const judgements = { unreadable: 0, told: 0, same: 0 };
const kinds = Object.keys(BYTES);
for (let seed = 0, tried = 0; tried < Number(bytes); seed += 1) {
  const of = random(seed);
  const kind = kinds[of(kinds.length)];
  const content = Buffer.concat(BYTES[kind](of(written.length), of));
  if (content.equals(written)) continue;
  const judgement = judged(content);
  if (judgement === "missed") throw new Error(`seed ${seed}: ${kind} of a byte was not found`);
  judgements[judgement] += 1;
  tried += 1;
}
console.log(JSON.stringify({ found, tried, judgements }));
