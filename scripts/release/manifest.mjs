// What tells the apps of a release: for each system the package, and its signature. Fails where a package is missing, or
// is not signed with the key that the apps know, for this version: such a release is not published.
//
// usage: node scripts/release/manifest.mjs VERSION FOLDER >latest.json
//   FABRIK_RELEASES, FABRIK_RELEASE_KEY    as for config.mjs

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { check } from "./minisign.mjs";

/** How each package's name ends, and the systems it is for: `{system}-{processor}[-{kind}]`, as the updater asks. */
const PACKAGES = [
  ["_amd64.deb", ["linux-x86_64-deb"]],
  [".x86_64.rpm", ["linux-x86_64-rpm"]],
  ["_amd64.AppImage", ["linux-x86_64-appimage", "linux-x86_64"]],
  ["_aarch64.app.tar.gz", ["darwin-aarch64"]],
  ["_x64.app.tar.gz", ["darwin-x86_64"]],
  ["_x64-setup.exe", ["windows-x86_64"]],
];

export function manifestOf({ version, folder, releases, key, now = new Date(), packages = PACKAGES }) {
  const files = readdirSync(folder);
  const platforms = {};
  for (const [ending, systems] of packages) {
    const [name, ...more] = files.filter((file) => file.endsWith(ending));
    if (name === undefined || more.length > 0) throw new Error(`one package …${ending} is needed; there are: ${[name, ...more].join(", ")}`);
    if (!files.includes(`${name}.sig`)) throw new Error(`${name} is not signed`);
    const signature = readFileSync(path.join(folder, `${name}.sig`), "utf8").trim();
    try {
      check(readFileSync(path.join(folder, name)), signature, key, version);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
    const url = `${releases}/releases/download/v${version}/${encodeURIComponent(name)}`;
    for (const system of systems) platforms[system] = { url, signature };
  }
  return { version, pub_date: now.toISOString(), platforms };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [version, folder] = process.argv.slice(2);
  const { FABRIK_RELEASES: releases, FABRIK_RELEASE_KEY: key } = process.env;
  if (!version || !folder || !releases || !key) throw new Error("usage: see the first lines of this file");
  console.log(JSON.stringify(manifestOf({ version, folder, releases, key }), undefined, 2));
}
