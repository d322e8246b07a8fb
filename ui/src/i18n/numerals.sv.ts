/** Svenska räkneord. */

/** Små tal är ord i början av en mening. */
const WORDS = ["Noll", "En", "Två", "Tre", "Fyra", "Fem", "Sex", "Sju", "Åtta", "Nio", "Tio"];

export const word = (n: number) => WORDS[n] ?? String(n);
