// What a release is told by, checked as the apps check it: nothing is published that they would refuse.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

import { markdown, verdicts } from "../promises.mjs";
import { configOf } from "./config.mjs";
import { manifestOf } from "./manifest.mjs";
import { assertProved } from "./proved.mjs";

const base64 = (text) => Buffer.from(text).toString("base64");

/** A key that signs as `tauri signer` does. */
function signer() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const id = Buffer.from("fabrik01");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return {
    key: base64(`untrusted comment: minisign public key\n${Buffer.concat([Buffer.from("Ed"), id, raw]).toString("base64")}\n`),
    sign(content, version) {
      const signed = sign(undefined, createHash("blake2b512").update(content).digest(), privateKey);
      const trusted = `timestamp:1700000000\tfile:package\tversion:${version}`;
      const whole = sign(undefined, Buffer.concat([signed, Buffer.from(trusted)]), privateKey);
      const first = Buffer.concat([Buffer.from("ED"), id, signed]).toString("base64");
      return base64(`untrusted comment: signature\n${first}\ntrusted comment: ${trusted}\n${whole.toString("base64")}\n`);
    },
  };
}

const folder = mkdtempSync(path.join(tmpdir(), "fabrik-release-"));
after(() => rmSync(folder, { recursive: true }));
const releases = "https://github.com/example/fabrik";
const { key, sign: signed } = signer();
const packages = [["_amd64.deb", ["linux-x86_64-deb"]]];
const name = "Fabrik_1.2.3_amd64.deb";
const write = (content, signature) => {
  writeFileSync(path.join(folder, name), content);
  writeFileSync(path.join(folder, `${name}.sig`), signature);
};
const manifest = (more) => manifestOf({ version: "1.2.3", folder, releases, key, packages, ...more });

test("each system is told its package and its signature", () => {
  const signature = signed("package", "1.2.3");
  write("package", signature);
  const now = new Date("2026-11-21T12:00:00Z");
  assert.deepEqual(manifest({ now }), {
    version: "1.2.3",
    pub_date: "2026-11-21T12:00:00.000Z",
    platforms: { "linux-x86_64-deb": { url: `${releases}/releases/download/v1.2.3/${name}`, signature } },
  });
});

test("what the apps would refuse is not told of", () => {
  write("another package", signed("package", "1.2.3"));
  assert.throws(() => manifest(), /not this file's/);
  write("package", signed("package", "1.2.2"));
  assert.throws(() => manifest(), /another version than 1\.2\.3/);
  write("package", signer().sign("package", "1.2.3"));
  assert.throws(() => manifest(), /not this file's|another key/);
  write("package", "no signature at all");
  assert.throws(() => manifest(), /not as Tauri writes it/);
  write("package", signed("package", "1.2.3"));
  assert.throws(() => manifest({ packages: [...packages, [".rpm", ["linux-x86_64-rpm"]]] }), /one package ….rpm is needed/);
  writeFileSync(path.join(folder, "Fabrik_1.2.2_amd64.deb"), "left over");
  assert.throws(() => manifest(), /one package …_amd64\.deb is needed/);
});

test("an app is told where to look and whose signature counts, and nothing that loosens it", () => {
  assert.deepEqual(configOf({ FABRIK_RELEASES: releases, FABRIK_RELEASE_KEY: `${key}\n` }), {
    bundle: { homepage: releases, createUpdaterArtifacts: true },
    plugins: { updater: { endpoints: [`${releases}/releases/latest/download/latest.json`], pubkey: key } },
  });
  assert.throws(() => configOf({ FABRIK_RELEASES: "http://github.com/example/fabrik", FABRIK_RELEASE_KEY: key }), /FABRIK_RELEASES/);
  assert.throws(() => configOf({ FABRIK_RELEASES: releases, FABRIK_RELEASE_KEY: "" }), /public key/);
  assert.throws(() => configOf({ FABRIK_RELEASES: releases, FABRIK_RELEASE_KEY: base64("untrusted comment: x\nAAAA\n") }), /public key/);
});

const promises = ["P1", "P2"].map((number) => ({
  number,
  promise: "promise",
  proofs: [
    { what: "one | two", least: 3 },
    { what: "many", least: 12_000 },
  ],
}));

/** What `make proof` makes of it that these proofs were tried so often. */
function report({ version = "1.2.3", commit = "v1.2.2-3-gabcdef0", minutes = 55, listed = promises, tried = {}, held = true } = {}) {
  const lines = listed.flatMap(({ number, proofs }) =>
    proofs.flatMap(({ what, least }) => {
      const times = tried[`${number} ${what}`] ?? [least];
      return times.map((times) => ({ promise: number, what, tried: times, seeds: null, held, seconds: 1 }));
    }),
  );
  return markdown({ version, commit, day: "2026-11-21", minutes, cores: 2, verdicts: verdicts(listed, lines) });
}

test("only what a report tells is held, of that very version and its list, is released", () => {
  const as = () => false;
  assertProved(report(), "1.2.3", promises, as);
  assertProved(report({ tried: { "P2 many": [11_000, 1_000] } }), "1.2.3", promises, as);
  const older = promises.map((one) => ({ ...one, proofs: one.proofs.slice(0, 1) }));
  const less = promises.map((one) => ({ ...one, proofs: one.proofs.map((proof) => ({ ...proof, least: 3 })) }));
  const refused = [
    [report({ version: "1.2.2" }), /it is of 1\.2\.2/],
    [report({ held: false }), /0 of 2 promises held/],
    [report({ tried: { "P2 many": [11_999] } }), /1 of 2 promises held/],
    [report({ listed: [] }), /0 of 0 promises held/],
    [report({ commit: "abcdef0-dirty" }), /what was not committed/],
    [report({ commit: "--output=x" }), /what was not committed/],
    [report({ minutes: 61 }), /it took too long/],
    [report({ listed: promises.slice(0, 1) }), /"P2 one \| two" was tried 0 times, and 3 is the least/],
    [report({ listed: older }), /"P1 many" was tried 0 times, and 12000 is the least/],
    [report({ listed: less }), /"P1 many" was tried 3 times/],
    ["", /it is not there, or no report/],
  ];
  for (const [text, why] of refused) {
    assert.throws(() => assertProved(text, "1.2.3", promises, as), /docs\/promises\.md does not prove 1\.2\.3: /);
    assert.throws(() => assertProved(text, "1.2.3", promises, as), why);
  }
  assert.throws(() => assertProved(report(), "1.2.3", promises, (commit) => commit === "v1.2.2-3-gabcdef0"), /more than the docs changed/);
});

test("a tag is refused without such a report, and where more than the docs changed since", () => {
  const tree = path.join(folder, "tree");
  const put = (file, content) => {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    writeFileSync(path.join(tree, file), content);
  };
  const git = (...args) => {
    const names = ["-c", "user.name=Anna", "-c", "user.email=anna@studio.example", "-c", "commit.gpgsign=false"];
    const ran = spawnSync("git", [...names, ...args], { cwd: tree, encoding: "utf8" });
    assert.equal(ran.status, 0, ran.stderr);
    return ran.stdout.trim();
  };
  const commit = () => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "Something");
    return git("describe", "--always", "--dirty");
  };
  for (const file of ["version.mjs", "proved.mjs"]) {
    put(`scripts/release/${file}`, readFileSync(new URL(file, import.meta.url)));
  }
  put("Cargo.toml", '[workspace.package]\nversion = "1.2.3"\n');
  put("tauri.conf.json", '{ "version": "1.2.3" }');
  put("ui/package.json", '{ "version": "1.2.3" }');
  put("CHANGELOG.md", "# Changelog\n\n## [1.2.3] – 2026-11-21\n\n- Something.\n");
  put("tests/promises.json", JSON.stringify(promises));
  git("init", "--quiet");
  const proved = commit();
  const asked = (...tag) => {
    const script = path.join(tree, "scripts/release/version.mjs");
    return spawnSync(process.execPath, [script, ...tag], { encoding: "utf8" });
  };
  assert.equal(asked().stdout, "1.2.3\n", "no tag, no report");
  assert.match(asked("v1.2.3").stderr, /docs\/promises\.md does not prove 1\.2\.3: it is not there/);
  put("docs/promises.md", report({ commit: proved }));
  put("CHANGELOG.md", "# Changelog\n\n## [1.2.3] – 2026-11-22\n\n- Something.\n");
  commit();
  assert.equal(asked("v1.2.3").stdout, "1.2.3\n");
  put("docs/promises.md", report());
  assert.match(asked("v1.2.3").stderr, /that commit is not here/);
  put("docs/promises.md", report({ commit: proved }));
  put("src/main.rs", "fn main() {}\n");
  commit();
  assert.match(asked("v1.2.3").stderr, /more than the docs changed since/);
});

test("what is committed names no address and no key", () => {
  const config = JSON.parse(readFileSync(new URL("../../tauri.conf.json", import.meta.url), "utf8"));
  assert.equal(config.plugins, undefined);
  assert.equal(config.bundle.createUpdaterArtifacts, undefined);
});
