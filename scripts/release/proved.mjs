// Whether what `make proof` has told, and the release keeps as docs/promises.md, proves a version.

const OPENING = /^Fabrik (?<of>\S+) \(.*\), \S+: (?<held>\d+) of (?<all>\d+) promises held\./m;

/** Throws unless the report tells that every promise of this version held. */
export function assertProved(report, version) {
  const { of, held, all } = OPENING.exec(report)?.groups ?? {};
  if (of === version && held === all && all !== "0") return;
  const why =
    of === undefined ? "it is not there, or no report" : of !== version ? `it is of ${of}` : `it tells of ${held} of ${all} promises held`;
  throw new Error(`docs/promises.md does not prove ${version}: ${why}; run \`make proof\`, and keep its promises.md there`);
}
