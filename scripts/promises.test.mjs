import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { linesOfUi, markdown, missed, verdicts } from "./promises.mjs";

const something = { what: "something", least: 3 };
const promises = ["P1", "P2", "P3", "S8"].map((number) => ({ number, promise: `promise ${number}`, proofs: [something] }));
const line = (promise, rest) => ({ promise, what: "something", tried: 3, seeds: null, held: true, seconds: 0.5, ...rest });

test("a promise holds where all that is listed of it was tried, and held", () => {
  const of = (...lines) => verdicts(promises, lines).map(({ result }) => result);
  const nothing = "not proved: 0 of 3";
  assert.deepEqual(of(), [nothing, nothing, nothing, nothing]);
  assert.deepEqual(of(line("P1"), line("P2", { held: false }), line("P3", { tried: 0 })), [
    "held",
    "broken",
    nothing,
    nothing,
  ]);
  assert.equal(of(line("P1"), line("P1", { held: null, why: "no network" }))[0], "not proved");
  assert.equal(of(line("P1", { held: null }), line("P1", { held: false }))[0], "broken");
});

test("one proof of two, or fewer than the least, is none", () => {
  const two = [{ number: "P1", promise: "promise P1", proofs: [something, { what: "else", least: 50 }] }];
  const of = (...lines) => verdicts(two, lines)[0];
  assert.equal(of(line("P1"), line("P1", { what: "else", tried: 50 })).result, "held");
  assert.equal(of(line("P1")).result, "not proved: 0 of 50");
  assert.equal(of(line("P1"), line("P1", { what: "else", tried: 31 })).result, "not proved: 31 of 50");
  const turns = [line("P1", { what: "else", tried: 31 }), line("P1", { what: "else", tried: 19 })];
  assert.equal(of(line("P1"), ...turns).result, "held", "told in two turns");
  assert.equal(
    of(line("P1"), line("P1", { what: "else", tried: 50 }), line("P1", { what: "new" })).result,
    "not proved: told of what is not listed",
  );
  const text = markdown({ version: "1.0.0", commit: "abc", day: "2026-01-01", minutes: 7, cores: 2, verdicts: [of(line("P1"))] });
  assert.match(text, /0 of 1 promises held/);
  assert.match(text, /\| \| else \| 0 \| missing: 50 are to be tried \|/);
  const measured = of(line("P1", { measured: "0.38 s" }), line("P1", { what: "else", tried: 50 }));
  const told = markdown({ version: "1.0.0", commit: "abc", day: "2026-01-01", minutes: 7, cores: 2, verdicts: [measured] });
  assert.match(told, /\| \| something \| 3 \| held: 0\.38 s \|/);
});

const root = new URL("..", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const listed = (by) =>
  JSON.parse(read("tests/promises.json")).flatMap(({ number, proofs }) =>
    proofs.filter((proof) => proof.by === by).map(({ what }) => `${number} ${what}`),
  );

test("what is listed of the UI is what its tests are named after", () => {
  const files = readdirSync(new URL("ui/test", root), { recursive: true }).filter((name) => /\.tsx?$/.test(name));
  const named = files.flatMap((name) => [...read(`ui/test/${name}`).matchAll(/\(\s*"([PS]\d+ [^"]*)"/g)].map(([, name]) => name));
  assert.ok(named.length > 0);
  assert.deepEqual(listed("ui").sort(), [...new Set(named)].sort());
});

test("what is listed of the audit is what it looks at", () => {
  const looks = [...read("scripts/audit").matchAll(/^\s*(?:look|made) "([^"]*)"/gm)].map(([, what]) => `S15 ${what}`);
  assert.ok(looks.length > 0);
  assert.deepEqual(listed("audit").sort(), looks.sort());
});

test("why a tool failed is told without its log's time and level, without addresses and folders", () => {
  const [reason] = /^reason\(\) \{$.*?^\}$/ms.exec(read("scripts/audit"));
  const of = (output) => execFileSync("bash", ["-c", `${reason}\nreason`], { input: output, encoding: "utf8" }).trim();
  const deny = "looking\n2026-11-24 15:10:08 [ERROR] failed to fetch https://example.com/db into /home/somebody/.cargo: it is away\n";
  assert.equal(of(deny), "failed to fetch its address into its folder it is away");
  assert.equal(of("npm error audit endpoint returned an error\n"), "audit endpoint returned an error");
  assert.equal(of("error: no such command\n"), "no such command");
  assert.equal(of("nothing\n"), "it does not say why");
});

test("the tools of the audit are pinned once, and a release is listed as the audit tries it", () => {
  const pinned = read("scripts/setup").match(/cargo-[a-z]+@\d+\.\d+\.\d+/g);
  assert.deepEqual(pinned.map((tool) => tool.split("@")[0]), ["cargo-deny", "cargo-cyclonedx"]);
  assert.match(read("scripts/proof"), /^scripts\/setup proof$/m);
  assert.match(read("scripts/release/sbom"), /^scripts\/setup sbom$/m);
  for (const file of ["scripts/audit", ".github/workflows/release.yml"]) {
    const lists = [...read(file).matchAll(/scripts\/release\/sbom (\S+)/g)].map(([, of]) => of);
    assert.deepEqual(lists, ["rust", "ui"], file);
    assert.doesNotMatch(read(file), /cargo install|cyclonedx/, file);
  }
});

test("what each promise means stands in the docs, in their order", () => {
  const numbers = JSON.parse(read("tests/promises.json")).map(({ number }) => number);
  const told = [...read("docs/security.md").matchAll(/^\*\*([PS]\d+) /gm)].map(([, number]) => number);
  assert.deepEqual(told, numbers);
});

test("the UI's tests count by the promise that their names begin with", () => {
  const result = (names, status) => ({ ancestorTitles: names.slice(0, -1), title: names.at(-1), status, duration: 500 });
  const ui = (...assertionResults) => linesOfUi({ testResults: [{ assertionResults }] });
  assert.deepEqual(ui(result(["a list"], "passed")), []);
  assert.deepEqual(ui(result(["S8 a mail", "one"], "passed"), result(["S8 a mail", "two"], "passed")), [
    { promise: "S8", what: "a mail", tried: 2, seeds: null, held: true, seconds: 1 },
  ]);
  assert.equal(ui(result(["S8 a mail", "one"], "passed"), result(["S8 a mail", "two"], "failed"))[0].held, false);
});

test("the report says what was tried, how often and with what result", () => {
  const lines = [line("P1", { tried: 12345, seeds: 10000 }), line("P2", { held: null, tried: 0, why: "no network" })];
  const text = markdown({ version: "1.0.0", commit: "abc", day: "2026-01-01", minutes: 7, cores: 2, verdicts: verdicts(promises, lines) });
  assert.match(text, /1 of 4 promises held/);
  assert.match(text, /\| \| something \| 12 345 \| held \| 0–9 999 \| 0\.5 \|/);
  assert.match(text, /\| \*\*P2\*\* .* \*\*not proved: 0 of 3\*\*/);
  assert.match(text, /not tried: no network/);
});

test("a proof that took over an hour on two cores or more did not hold, and says so", () => {
  const told = (minutes, cores) =>
    markdown({ version: "1.0.0", commit: "abc", day: "2026-01-01", minutes, cores, verdicts: verdicts([promises[0]], [line("P1")]) });
  for (const [minutes, cores, late] of [
    [60, 2, false],
    [61, 2, true],
    [61, 8, true],
    [200, 1, false],
  ]) {
    assert.equal(missed({ minutes, cores }), late, `${minutes} on ${cores}`);
    assert.equal(/MISSED/.test(told(minutes, cores)), late, `${minutes} on ${cores}`);
  }
  assert.match(told(61, 2), /1 of 1 promises held\. Made by `make proof` in 61 minutes on 2 cores, MISSED: at most 60 on 2 cores;/);
  assert.match(told(200, 1), /in 200 minutes on 1 core;/);
});

test("the report itself fails for its time alone, and not because of it on one core", () => {
  const folder = mkdtempSync(join(tmpdir(), "fabrik-proof-"));
  try {
    const all = JSON.parse(read("tests/promises.json"));
    const lines = all.flatMap(({ number, proofs }) => proofs.map(({ what, least }) => line(number, { what, tried: least })));
    writeFileSync(join(folder, "tried.jsonl"), lines.map((one) => JSON.stringify(one)).join("\n"));
    const reported = (minutes) =>
      spawnSync(process.execPath, ["scripts/promises.mjs", "report", folder, folder], {
        cwd: fileURLToPath(root),
        encoding: "utf8",
        env: { ...process.env, FABRIK_PROOF_BEGUN: String(Date.now() - minutes * 60_000) },
      });
    assert.equal(reported(7).status, 0);
    const late = reported(70);
    assert.equal(late.status, availableParallelism() > 1 ? 1 : 0);
    assert.equal(/MISSED/.test(late.stderr), availableParallelism() > 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
