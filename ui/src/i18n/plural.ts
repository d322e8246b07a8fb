/** English numbers, and a number with its noun. */

const numbers = new Intl.NumberFormat("en-GB");

export const number = (n: number) => numbers.format(n);
export const count = (n: number, one: string, many: string) => `${number(n)} ${n === 1 ? one : many}`;
