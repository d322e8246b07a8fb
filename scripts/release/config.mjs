// What a release adds to tauri.conf.json: where new versions are told of, and whose signature counts. Nobody's address
// and nobody's key stand in the repository; the workflow gives them.
//
// usage: node scripts/release/config.mjs >release.json     then scripts/bundle --config release.json
//   FABRIK_RELEASES         the repository on GitHub: https://github.com/owner/name
//   FABRIK_RELEASE_KEY      the public key, as `tauri signer generate` writes it

import { pathToFileURL } from "node:url";

import { publicKey } from "./minisign.mjs";

/** The file that tells of the newest release. GitHub leads there by itself. */
export const endpointOf = (releases) => `${releases}/releases/latest/download/latest.json`;

export function configOf({ FABRIK_RELEASES: releases, FABRIK_RELEASE_KEY: key }) {
  if (!/^https:\/\/[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(releases ?? "")) {
    throw new Error("FABRIK_RELEASES is the repository's address: https://github.com/owner/name");
  }
  // Read, so that a key that can't be one is told here, and not by an app that doesn't start.
  publicKey(key ?? "");
  return {
    bundle: { homepage: releases, createUpdaterArtifacts: true },
    plugins: { updater: { endpoints: [endpointOf(releases)], pubkey: key.trim() } },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(JSON.stringify(configOf(process.env), undefined, 2));
}
