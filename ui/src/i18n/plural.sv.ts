/** Svenska tal, och ett tal med sitt substantiv. */

const numbers = new Intl.NumberFormat("sv-SE");

export const number = (n: number) => numbers.format(n);
export const count = (n: number, one: string, many: string) => `${number(n)} ${n === 1 ? one : many}`;
