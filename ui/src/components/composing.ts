/** Keys that belong to a word that is being composed, as in Japanese or by a dead key. */

/**
 * Whether a key is the composing's own: its Enter ends the word, its arrows choose among writings of it, its Escape gives it up.
 * WebKit ends the composing before it tells of the Enter that ended it, and says by the code alone what that was.
 */
export function isComposing({ isComposing: composing, keyCode }: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return composing || keyCode === 229;
}
