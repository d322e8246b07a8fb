/** A number with its noun, in languages with two forms. */

export const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
