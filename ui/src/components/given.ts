/** What an address says, a word at a time. What it says that can't be is left out. */

/** A text; an empty one says nothing. */
export const textOf = (given: unknown): string | undefined => (typeof given === "string" && given !== "" ? given : undefined);

/** One of these words. */
export const oneOf = <Word extends string>(words: readonly Word[], given: unknown): Word | undefined => words.find((word) => word === given);
