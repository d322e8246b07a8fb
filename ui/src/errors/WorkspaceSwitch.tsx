/** Opens another workspace, from wherever it is chosen: what was typed in the page and not saved is asked about first. */

import { createContext, type ReactNode, useContext, useRef, useState } from "react";

import { useShell } from "@/backend/BackendProvider";
import type { WorkspaceView } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { Leaving } from "@/components/Dialog";
import { forgetLists } from "@/components/listPlace";
import { useToaster } from "@/components/Toast";
import { UnsavedBelow } from "@/components/useLeaving";

import { useFailed } from "./useFailed";

type Chosen = Pick<WorkspaceView, "name" | "sandbox">;

interface Switch {
  /** It is opened in this window; a browser's page has one workspace for as long as it is served, and the next start another. */
  isAtOnce: boolean;
  /** One is being opened in this window. */
  isOpening: boolean;
  isBusy: boolean;
  /** False where it was not done, or is asked about first. */
  choose(workspace: Chosen): Promise<boolean>;
}

const SwitchContext = createContext<Switch | null>(null);

export function WorkspaceSwitch({ children }: { children: ReactNode }) {
  const shell = useShell();
  const toaster = useToaster();
  const failed = useFailed();
  const command = useCommand("workspace_choose");
  const count = useRef(0);
  // What is opened once it is said that what was typed may go.
  const [asked, setAsked] = useState<Chosen>();
  const [isOpening, setOpening] = useState(false);
  const take = async ({ name, sandbox }: Chosen) => {
    setOpening(shell !== undefined);
    try {
      if (shell === undefined) {
        await command.mutateAsync({ name });
        toaster.done(({ t }) => t.workspaces.chosen(sandbox ? t.frame.sandbox : name));
      } else {
        // Once it is open it is the next start's too: one that can't be opened is not.
        forgetLists();
        await shell.openWorkspace(name);
      }
      return true;
    } catch (error) {
      setOpening(false);
      failed(error);
      return false;
    }
  };
  // Before anything is chosen: whoever stays is in the workspace that the screen shows.
  const choose = async (workspace: Chosen) => {
    if (shell === undefined || count.current === 0) return take(workspace);
    setAsked(workspace);
    return false;
  };
  return (
    <SwitchContext value={{ isAtOnce: shell !== undefined, isOpening, isBusy: command.isPending || isOpening, choose }}>
      <UnsavedBelow value={{ count, isLetGo: isOpening }}>{children}</UnsavedBelow>
      <Leaving
        open={asked !== undefined}
        onStay={() => setAsked(undefined)}
        onLeave={() => {
          setAsked(undefined);
          if (asked !== undefined) void take(asked);
        }}
      />
    </SwitchContext>
  );
}

export function useWorkspaceSwitch(): Switch {
  const found = useContext(SwitchContext);
  if (found === null) throw new Error("no WorkspaceSwitch above");
  return found;
}
