// The version to be released, as every file that names it says; and what the CHANGELOG tells of it.
//
// usage: node scripts/release/version.mjs [v1.2.3]      fails where a file says another, or the CHANGELOG has none; for a
//                                                       tag, where docs/promises.md does not prove it
//        node scripts/release/version.mjs --notes       prints what the CHANGELOG tells

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { assertProved, isAnotherThan } from "./proved.mjs";

const at = (file) => new URL(`../../${file}`, import.meta.url);
const read = (file) => readFileSync(at(file), "utf8");

const named = {
  "Cargo.toml": /^\[workspace\.package\]\nversion = "(.+)"$/m.exec(read("Cargo.toml"))?.[1],
  "tauri.conf.json": JSON.parse(read("tauri.conf.json")).version,
  "ui/package.json": JSON.parse(read("ui/package.json")).version,
};
const version = named["Cargo.toml"];
const [, rest = ""] = read("CHANGELOG.md").split(`\n## [${version}]`);
const [heading, ...lines] = rest.split("\n## [")[0].split("\n");
const notes = lines.join("\n").trim();

const asked = process.argv[2];
if (asked === "--notes") {
  console.log(notes);
} else {
  for (const [file, found] of Object.entries(named)) {
    if (found !== version) throw new Error(`${file} names version ${found}, Cargo.toml ${version}`);
  }
  if (asked !== undefined && asked !== `v${version}`) throw new Error(`the tag is ${asked}, the version ${version}`);
  if (notes === "") throw new Error(`CHANGELOG.md tells nothing of ${version}`);
  if (asked !== undefined && !/^ – \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Error(`CHANGELOG.md: "## [${version}]${heading}" needs the day of the release: – 2026-11-21`);
  }
  if (asked !== undefined) {
    const report = existsSync(at("docs/promises.md")) ? read("docs/promises.md") : "";
    const promises = JSON.parse(read("tests/promises.json"));
    assertProved(report, version, promises, (commit) => isAnotherThan(commit, fileURLToPath(at(""))));
  }
  console.log(version);
}
