// A clean clone gives every file the time of the cloning, and Cargo, which goes by times, would compile all of it again.
// `keep` notes, after a build, what was built, where, and when each file was changed; `restore` gives the files that are
// still the same the time they had. Where anything was built in between, nothing is known of it, and nothing is restored.
//
// Checkouts share what is built, and Cargo tells them apart by times alone: what was changed in this one before another was
// built would pass for built. So, where another was, what isn't known to be the same counts as changed now.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , what, target] = process.argv;
const noted = join(target, "built-from.json");
const fingerprints = join(target, "debug", ".fingerprint");

const git = (...args) =>
  execFileSync("git", [...args, "-z"], { encoding: "utf8", maxBuffer: 1 << 28 })
    .split("\0")
    .filter(Boolean);

const changed = () => git("ls-files", "--modified", "--others", "--exclude-standard").filter((path) => existsSync(path));

/** Path → what is there: a file's blob; of a folder, the names in it, for a build may depend on those. */
function contents() {
  const unlike = new Set(git("ls-files", "--modified"));
  const found = new Map();
  const folders = new Map();
  for (const line of git("ls-files", "--stage")) {
    const [, mode, blob, path] = /^(\d+) ([0-9a-f]+) \d\t(.*)$/s.exec(line);
    if (mode === "120000" || unlike.has(path)) continue;
    found.set(path, blob);
    for (let [child, at] = [path, path.lastIndexOf("/")]; at > 0; child = child.slice(0, at), at = child.lastIndexOf("/")) {
      const folder = child.slice(0, at);
      folders.set(folder, (folders.get(folder) ?? new Set()).add(child));
    }
  }
  for (const [folder, children] of folders) found.set(folder, [...children].sort().join("\0"));
  return found;
}

function builtSince(time) {
  return readdirSync(fingerprints).some((unit) => {
    const folder = join(fingerprints, unit);
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))].some((path) => statSync(path).mtimeMs > time);
  });
}

// Sources without their history can be built as well.
if (!existsSync(".git")) process.exit();

if (what === "keep") {
  const files = [...contents()].map(([path, content]) => [path, content, statSync(path).mtimeMs / 1000]);
  writeFileSync(noted, JSON.stringify({ checkout: process.cwd(), files }));
} else if (existsSync(noted)) {
  const { checkout, files = [] } = JSON.parse(readFileSync(noted, "utf8"));
  const isKnown = !builtSince(statSync(noted).mtimeMs);
  const built = new Map(files.map(([path, content, time]) => [path, { content, time }]));
  const others = checkout !== process.cwd();
  const now = new Date();
  for (const [path, content] of contents()) {
    const before = built.get(path);
    if (isKnown && before?.content === content) utimesSync(path, before.time, before.time);
    else if (others) utimesSync(path, now, now);
  }
  if (others) for (const path of changed()) utimesSync(path, now, now);
  // Whatever comes of the build that follows, it was this checkout's.
  writeFileSync(noted, JSON.stringify({ checkout: process.cwd(), files: [] }));
}
