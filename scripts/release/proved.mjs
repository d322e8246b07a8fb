// Whether what `make proof` has told, and the release keeps as docs/promises.md, proves a version.

const OPENING = /^Fabrik (?<of>\S+) \((?<commit>.*)\), \S+: (?<held>\d+) of (?<all>\d+) promises held\./m;

/** Throws unless the report tells that every promise of this version held. */
export function assertProved(report, version) {
  const { of, commit, held, all } = OPENING.exec(report)?.groups ?? {};
  const isCommitted = commit?.endsWith("-dirty") === false;
  if (of === version && isCommitted && held === all && all !== "0") return;
  let why = `it tells of ${held} of ${all} promises held`;
  if (of === undefined) why = "it is not there, or no report";
  else if (of !== version) why = `it is of ${of}`;
  else if (!isCommitted) why = `it is of ${commit}: of what was not committed`;
  throw new Error(`docs/promises.md does not prove ${version}: ${why}; run \`make proof\`, and keep its promises.md there`);
}
