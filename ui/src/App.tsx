/** The whole window over a port. */

import { CSPProvider } from "@base-ui/react/csp-provider";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { useState } from "react";

import { BackendProvider } from "@/backend/BackendProvider";
import type { Port } from "@/backend/port";
import { ToastProvider } from "@/components/Toast";
import { Appearance } from "@/shell/Appearance";
import { PageActsProvider } from "@/shell/PageActs";
import { ShortcutProvider } from "@/shell/ShortcutProvider";

import { createAppRouter } from "./routes";

export function App({ port, history }: { port: Port; history?: RouterHistory }) {
  const [router] = useState(() => createAppRouter(history));
  return (
    <BackendProvider port={port}>
      <Appearance>
        {/* The window's policy lets no style element through but the code editor's, which has a nonce; the components need none. */}
        <CSPProvider disableStyleElements>
          <ShortcutProvider>
            <PageActsProvider>
              <ToastProvider>
                <RouterProvider router={router} />
              </ToastProvider>
            </PageActsProvider>
          </ShortcutProvider>
        </CSPProvider>
      </Appearance>
    </BackendProvider>
  );
}
