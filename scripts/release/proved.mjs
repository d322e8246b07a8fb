// Whether what `make proof` has told, and the release keeps as docs/promises.md, proves a version.

import { spawnSync } from "node:child_process";

const OPENING = /^Fabrik (?<of>\S+) \((?<commit>.*)\), \S+: (?<held>\d+) of (?<all>\d+) promises held\.(?<time>[^;]*);/m;

/** How often each proof was tried and held, by its promise's number and its words: `P1 killed at …`. */
function triedOf(report) {
  const tried = new Map();
  let number;
  for (const line of report.split("\n").filter((line) => line.startsWith("|"))) {
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
    const [, head, what, times, came = ""] = cells;
    number = /^\*\*([PS]\d+)\*\*$/.exec(head)?.[1] ?? number;
    if (head !== "" || !/^(held|too few)\b/.test(came)) continue;
    const proof = `${number} ${what}`;
    tried.set(proof, (tried.get(proof) ?? 0) + Number(times.replace(/\D/g, "")));
  }
  return tried;
}

/** The first of the promises' proofs that the report has not, or not as often as it is listed; in words. */
function short(report, promises) {
  const tried = triedOf(report);
  const listed = promises.flatMap(({ number, proofs }) => proofs.map(({ what, least }) => ({ proof: `${number} ${what}`, least })));
  // The report writes what it is told on one line.
  const times = (proof) => tried.get(proof.replaceAll("\n", " ")) ?? 0;
  const few = listed.find(({ proof, least }) => times(proof) < least);
  return few && `"${few.proof}" was tried ${times(few.proof)} times, and ${few.least} is the least`;
}

/** Whether a checkout is another than at a commit, but for its docs and its CHANGELOG; so it is where that is not known. */
export function isAnotherThan(commit, root) {
  const paths = ["--", ".", ":!docs", ":!CHANGELOG.md"];
  return spawnSync("git", ["diff", "--quiet", commit, "HEAD", ...paths], { cwd: root }).status !== 0;
}

/**
 * Throws unless the report tells that every promise of this version held: by all that is listed of them (`promises`), in
 * time, and of what is released, which `isAnother` than a commit or not.
 */
export function assertProved(report, version, promises, isAnother) {
  const { of, commit, held, all, time } = OPENING.exec(report)?.groups ?? {};
  const why = () => {
    if (of === undefined) return "it is not there, or no report";
    if (of !== version) return `it is of ${of}`;
    if (!/^\w[\w.-]*$/.test(commit) || commit.endsWith("-dirty")) return `it is of ${commit}: of what was not committed`;
    if (held !== all || all === "0") return `it tells of ${held} of ${all} promises held`;
    if (time.includes("MISSED")) return "it took too long";
    const few = short(report, promises);
    if (few !== undefined) return few;
    if (isAnother(commit)) return `it is of ${commit}, and more than the docs changed since, or that commit is not here`;
    return undefined;
  };
  const found = why();
  if (found === undefined) return;
  throw new Error(`docs/promises.md does not prove ${version}: ${found}; run \`make proof\`, and keep its promises.md there`);
}
