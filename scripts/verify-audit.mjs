#!/usr/bin/env node
// Tells whether an exported audit log was changed. Shares no code with Fabrik; the format is told in docs/security.md.
//
//   fabrik audit export > audit.json
//   { secret-tool lookup service se.fabrik.desktop username v1/WORKSPACE/audit/key; echo
//     secret-tool lookup service se.fabrik.desktop username v1/WORKSPACE/audit/anchor; } | scripts/verify-audit.mjs audit.json
//
// Standard input holds the key and, on a second line, the newest anchor that the keyring knows of: without it a log that
// was cut can't be told from one that ends there, and that is said. Ends with 0 where all that is covered is as it was,
// with 1 where it is not, with 2 where there is nothing to tell by: no key, or a file that is no such log.

import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** One text as it is anchored: its length in bytes, and itself. */
const text = (value) => (value === null ? "-" : `${Buffer.byteLength(String(value))}:${value},`);

const FIELDS = ["number", "at", "operator", "action", "customer", "run", "facts"];

/** Whether an object in this JSON has a name twice: whoever reads the first of the two reads another log than this does. */
function repeats(json) {
  const open = [];
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/gs)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (colon) {
      const name = JSON.parse(text);
      if (open.at(-1).has(name)) return true;
      open.at(-1).add(name);
    }
  }
  return false;
}

/** The log that this gives the text of; undefined where that is none, or can be read in two ways. */
export function read(give) {
  try {
    const content = give();
    const log = JSON.parse(content);
    const is = (value) => value === null || typeof value === "string";
    const numbered = (list) => list.every(({ number }) => typeof number === "number");
    const whole = (entry) => FIELDS.slice(1).every((field) => is(entry[field]));
    const sound = log.format === 1 && is(log.workspace) && numbered(log.entries) && numbered(log.anchors);
    return sound && log.entries.every(whole) && !repeats(content) ? log : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with a log, in words; what is to be known of it; and how many of its entries an anchor covers. */
export function verify({ workspace, entries, anchors }, key, newest) {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 16);
  const own = anchors.filter((anchor) => anchor.key === name);
  const faults = [];
  if (entries.some(({ number }, place) => place > 0 && number <= entries[place - 1].number)) {
    faults.push("the entries are not in order");
  }
  if (newest !== undefined && own.every(({ number, mac }) => `${number} ${mac}` !== newest)) {
    faults.push(`cut: the keyring knows of an anchor through entry ${newest.split(" ")[0]}`);
  }
  // A log that was cut stays so, though it was anchored anew. Going back to a copy is a cut of the owner's own.
  const remarks = [];
  if (newest === undefined) {
    remarks.push("without the keyring's newest anchor: whether the log was cut after the last anchor in it can't be told");
  }
  let restored = null;
  for (const { number, action } of entries) {
    if (action === "database.restored") restored = number;
    if (action !== "audit.cut") continue;
    if (restored === null) faults.push(`cut: that was found when entry ${number} was written`);
    else remarks.push(`restored from a copy, by entry ${restored}`);
    restored = null;
  }
  let [before, after, place] = ["", 0, 0];
  for (const anchor of own) {
    const mac = createHmac("sha256", key).update(text(workspace) + text(before));
    for (; place < entries.length && entries[place].number <= anchor.number; place += 1) {
      mac.update(FIELDS.map((field) => text(entries[place][field])).join(""));
    }
    mac.update(text(anchor.number) + text(anchor.at));
    if (mac.digest("hex") !== anchor.mac) faults.push(`changed: the entries after ${after} through ${anchor.number}`);
    [before, after] = [anchor.mac, anchor.number];
  }
  return { faults, remarks, covered: place };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const log = read(() => readFileSync(process.argv[2], "utf8"));
  const [key, newest] = readFileSync(0, "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
  if (log === undefined || key === undefined) {
    console.error("no key on standard input, or a file that is no such log: not of its format, or with a name twice");
    process.exit(2);
  }
  const { faults, remarks, covered } = verify(log, Buffer.from(key, "hex"), newest);
  for (const said of [...faults, ...remarks]) console.log(said);
  console.log(`${covered} of ${log.entries.length} entries are covered by an anchor`);
  process.exitCode = faults.length > 0 ? 1 : covered > 0 ? 0 : 2;
}
