/** Names that somebody chose to do harm: those of the Rust tests, but for what no name can be. */

import naughty from "../../../tests/naughty.json";

export const names = (naughty as string[]).filter((name) => name.trim() !== "" && name.length < 100);
