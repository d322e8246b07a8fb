import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOfUi, markdown, targets, verdicts } from "./promises.mjs";

const promises = ["P1", "P2", "P3", "S8"].map((number) => ({ number, promise: `promise ${number}` }));
const line = (promise, rest) => ({ promise, what: "something", tried: 3, seeds: null, held: true, seconds: 0.5, ...rest });

test("a promise holds where all that was tried of it held, and something was", () => {
  const of = (...lines) => verdicts(promises, lines).map(({ result }) => result);
  assert.deepEqual(of(), ["not proved", "not proved", "not proved", "not proved"]);
  assert.deepEqual(of(line("P1"), line("P2", { held: false }), line("P3", { tried: 0 })), [
    "held",
    "broken",
    "not proved",
    "not proved",
  ]);
  assert.equal(of(line("P1"), line("P1", { held: null, why: "no network" }))[0], "not proved");
  assert.equal(of(line("P1", { held: null }), line("P1", { held: false }))[0], "broken");
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
  const text = markdown({ version: "1.0.0", commit: "abc", day: "2026-01-01", minutes: 7, verdicts: verdicts(promises, lines) });
  assert.match(text, /1 of 4 promises held/);
  assert.match(text, /\| \| something \| 12 345 \| held \| 0–9 999 \| 0\.5 \|/);
  assert.match(text, /\| \*\*P2\*\* .* \*\*not proved\*\*/);
  assert.match(text, /not tried: no network/);
});

test("a target that is left out is the only one", () => {
  const target = (name, kind, test = true) => ({ name, kind: [kind], test });
  const metadata = {
    packages: [
      { targets: [target("fabrik", "bin"), target("it", "test"), target("simulation", "test")] },
      { targets: [target("it", "test"), target("n8n", "test", false), target("keyring", "test")] },
    ],
  };
  assert.deepEqual(targets(metadata, ["simulation"]), ["--lib", "--bins", "--test", "it", "--test", "keyring"]);
});
