// Reads and checks signatures as Tauri makes them: minisign's, each file's text in base64 once more.

import { createHash, createPublicKey, verify } from "node:crypto";

/** What an Ed25519 key of 32 bytes begins with when it is written down whole. */
const ED25519 = Buffer.from("302a300506032b6570032100", "hex");
const COMMENT = "trusted comment: ";

/** The lines of a file of minisign's. */
function lines(text, what) {
  const read = Buffer.from(text.trim(), "base64").toString("utf8").trim().split("\n");
  if (!read[0]?.startsWith("untrusted comment:")) throw new Error(`${what}: not as Tauri writes it`);
  return read;
}

/** The public key: its id and what it checks with. */
export function publicKey(text) {
  const bytes = Buffer.from(lines(text, "the public key")[1] ?? "", "base64");
  if (bytes.length !== 42 || bytes.toString("latin1", 0, 2) !== "Ed") throw new Error("the public key: not one of minisign's");
  return { id: bytes.subarray(2, 10), key: createPublicKey({ key: Buffer.concat([ED25519, bytes.subarray(10)]), format: "der", type: "spki" }) };
}

/** Fails unless `signature` is that of `content` by `key`, for this version. */
export function check(content, signature, key, version) {
  const [, first, comment, second] = lines(signature, "the signature");
  const bytes = Buffer.from(first ?? "", "base64");
  const { id, key: checks } = publicKey(key);
  if (bytes.length !== 74 || bytes.toString("latin1", 0, 2) !== "ED") throw new Error("the signature: not one of minisign's");
  if (!bytes.subarray(2, 10).equals(id)) throw new Error("signed with another key than the apps know");
  const signed = bytes.subarray(10);
  const hash = createHash("blake2b512").update(content).digest();
  if (!verify(undefined, hash, checks, signed)) throw new Error("the signature is not this file's");
  if (!comment?.startsWith(COMMENT)) throw new Error("the signature has no trusted comment");
  const trusted = comment.slice(COMMENT.length);
  const whole = Buffer.concat([signed, Buffer.from(trusted, "utf8")]);
  if (!verify(undefined, whole, checks, Buffer.from(second ?? "", "base64"))) throw new Error("the trusted comment was changed");
  if (!trusted.split("\t").includes(`version:${version}`)) throw new Error(`signed for another version than ${version}: ${trusted}`);
}
