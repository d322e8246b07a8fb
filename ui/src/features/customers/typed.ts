/** What is typed to confirm what can't be taken back. */

import type { Customer } from "@/backend/bindings";

/** The customer's subdomain or its name, to the letter, as Rust has it. */
export function isTyped({ subdomain, name }: Pick<Customer, "subdomain" | "name">, typed: string): boolean {
  const text = typed.trim();
  return text === subdomain || text === name.trim();
}
