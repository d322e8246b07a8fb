// What became of each promise. `report FOLDER INTO`: from what the tests told (tests/support/lib.rs), the UI's tests whose
// names begin with a promise's number, and the audit, makes promises.md and promises.json, and fails unless every promise
// was tried by all that tests/promises.json lists, as often as it says, and held, within an hour on two cores or more.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** A line for each group of the UI's tests named after a promise: `S8 a mail's text stays text`. */
export function linesOfUi(results) {
  const groups = new Map();
  for (const { assertionResults } of results.testResults) {
    for (const { ancestorTitles, title, status, duration } of assertionResults) {
      const names = [...ancestorTitles, title];
      const named = names.find((name) => /^[PS]\d+ /.test(name));
      if (named === undefined) continue;
      const [, promise, what] = /^([PS]\d+) (.*)$/s.exec(named);
      const group = groups.get(named) ?? { promise, what, tried: 0, seeds: null, held: true, seconds: 0 };
      group.tried += 1;
      group.held &&= status === "passed";
      group.seconds += (duration ?? 0) / 1000;
      groups.set(named, group);
    }
  }
  return [...groups.values()];
}

/** How often something was tried and held, by all that told of it. */
const triedOf = (what, proofs) =>
  proofs.filter((line) => line.what === what && line.held === true).reduce((sum, { tried }) => sum + tried, 0);

/** What of a promise's list was not tried, or not often enough. */
const missing = (listed, proofs) =>
  listed
    .map(({ what, least }) => ({ what, least, tried: triedOf(what, proofs) }))
    .filter(({ least, tried }) => tried < least);

function resultOf(listed, proofs, short) {
  if (proofs.some(({ held }) => held === false)) return "broken";
  if (short.length > 0) return `not proved: ${figure(short[0].tried)} of ${figure(short[0].least)}`;
  if (!proofs.every(({ what }) => listed.some((one) => one.what === what))) return "not proved: told of what is not listed";
  return proofs.length > 0 && proofs.every(({ held }) => held === true) ? "held" : "not proved";
}

/** Each promise with what was tried of it, and what was too little. It holds where all that is listed was tried and held. */
export function verdicts(promises, lines) {
  return promises.map(({ number, promise, proofs: listed }) => {
    const proofs = lines.filter((line) => line.promise === number).sort((a, b) => (a.what < b.what ? -1 : 1));
    const short = missing(listed, proofs);
    return { number, promise, result: resultOf(listed, proofs, short), proofs, short };
  });
}

const figure = (number) => number.toLocaleString("en").replaceAll(",", " ");
const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** What the whole proof may take on as many cores as it is promised for, or more. */
const MOST = { minutes: 60, cores: 2 };

/** Whether the proof took longer than it may. On fewer cores no time is promised. */
export const missed = ({ minutes, cores }) => cores >= MOST.cores && minutes > MOST.minutes;

/** The report as Markdown. */
export function markdown({ version, commit, day, minutes, cores, verdicts }) {
  const held = verdicts.filter(({ result }) => result === "held").length;
  const rows = verdicts.flatMap(({ number, promise, result, proofs, short }) => [
    `| **${number}** | **${cell(promise)}** | | **${result}** | | |`,
    ...proofs.map(({ what, tried, held, why, seeds, measured, seconds }) => {
      const least = short.find((one) => one.what === what)?.least;
      const few = least === undefined ? "held" : `too few: ${figure(least)} are to be tried`;
      const came = held === true ? [few, measured].filter(Boolean).join(": ") : held === false ? "broken" : `not tried: ${why}`;
      const from = seeds === null || seeds === undefined ? "" : `0–${figure(seeds - 1)}`;
      return `| | ${cell(what)} | ${figure(tried)} | ${cell(came)} | ${from} | ${seconds.toFixed(1)} |`;
    }),
    ...short
      .filter(({ what }) => !proofs.some((line) => line.what === what))
      .map(({ what, least }) => `| | ${cell(what)} | 0 | missing: ${figure(least)} are to be tried | | |`),
  ]);
  const late = missed({ minutes, cores }) ? `, MISSED: at most ${MOST.minutes} on ${MOST.cores} cores` : "";
  return `# What was promised, and tried

Fabrik ${version} (${commit}), ${day}: ${held} of ${verdicts.length} promises held. Made by \`make proof\` in ${minutes} minutes on ${cores} ${cores === 1 ? "core" : "cores"}${late}; what
each promise means, and what is not promised, stands in [security.md](security.md).

| | promise, and what was tried | how many | result | seeds | seconds |
|---|---|---:|---|---|---:|
${rows.join("\n")}
`;
}

function report(folder, into) {
  const read = (path) => JSON.parse(readFileSync(path, "utf8"));
  const told = join(folder, "tried.jsonl");
  const lines = existsSync(told) ? readFileSync(told, "utf8").trim().split("\n").map((line) => JSON.parse(line)) : [];
  const ui = join(folder, "ui.json");
  if (existsSync(ui)) lines.push(...linesOfUi(read(ui)));
  const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const all = {
    version: read("tauri.conf.json").version,
    commit: git("describe", "--always", "--dirty"),
    day: new Date().toISOString().slice(0, 10),
    // Begun minutes count: 60 and a bit is over an hour.
    minutes: Math.ceil((Date.now() - Number(process.env.FABRIK_PROOF_BEGUN ?? Date.now())) / 60_000),
    cores: availableParallelism(),
    verdicts: verdicts(read("tests/promises.json"), lines),
  };
  writeFileSync(join(into, "promises.json"), `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(join(into, "promises.md"), markdown(all));
  const open = all.verdicts.filter(({ result }) => result !== "held");
  for (const { number, promise, result } of open) console.error(`  ${number} ${result}: ${promise}`);
  const late = missed(all);
  if (late) console.error(`  MISSED: ${all.minutes} minutes on ${all.cores} cores, at most ${MOST.minutes}`);
  process.exitCode = open.length === 0 && !late ? 0 : 1;
}

const [, , what, ...rest] = process.argv;
if (what === "report") report(...rest);
