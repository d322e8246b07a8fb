/** Opens what is outside the window: a page, a folder. Where the system can't, a message says so with the address. */

import { useCommand } from "@/backend/mutations";
import type { Arguments } from "@/backend/port";

import { useFailed } from "./useFailed";

type Opening = "link_open" | "candidate_open" | "resource_open" | "token_page_open" | "vercel_app_open" | "folder_open";

export function useOpening<Name extends Opening>(name: Name): (given: Arguments<Name>) => void {
  const failed = useFailed();
  const open = useCommand(name);
  // A menu is gone before the answer is there.
  return (given) => void open.mutateAsync(given).catch(failed);
}
