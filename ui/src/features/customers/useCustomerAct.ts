/** What one is led to a customer's page to do, by the palette. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import type { CustomerId } from "@/backend/bindings";
import type { CustomerAct } from "@/components/customerAct";

/**
 * What one is led to this page to do, and what tells that it is being done; nothing where the customer can't be shown.
 * Taken from the window's history once, so that neither the way back nor a page that is loaded anew does it again. It is not
 * in the address: a link can't begin a run.
 */
export function useCustomerAct(id: CustomerId, isLost: boolean): [CustomerAct | undefined, () => void] {
  const navigate = useNavigate();
  // On the way to another customer's page this one is still there, and what is asked is not its own.
  const given = useLocation({ select: ({ pathname, state }) => (pathname === `/customers/${id}` ? state.act : undefined) });
  const [asked, setAsked] = useState<CustomerAct>();
  useEffect(() => {
    if (given === undefined) return;
    setAsked(given);
    void navigate({ to: "/customers/$customer", params: { customer: id }, state: {}, replace: true, ignoreBlocker: true });
  }, [given]);
  // Else a run would begin whenever the customer can be read again.
  useEffect(() => {
    if (isLost) setAsked(undefined);
  }, [isLost, asked]);
  return [asked, () => setAsked(undefined)];
}
