/** Turns a problem's next action into words and a deed. */

import { useNavigate } from "@tanstack/react-router";

import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

import type { NextAction } from "./presentation";
import { useOpening } from "./useOpening";

export interface Deed {
  label: string;
  perform(): void;
}

export function useNextAction(): (action: NextAction) => Deed {
  const { t } = useI18n();
  const navigate = useNavigate();
  const openTokenPage = useOpening("token_page_open");
  const openVercelApp = useOpening("vercel_app_open");
  return (action) => {
    switch (action.kind) {
      case "open_credentials":
        return {
          label: t.errors.openCredentials,
          perform: () => void navigate({ to: "/settings/$page", params: { page: "credentials" } }),
        };
      case "open_token_page":
        return {
          label: t.credentials.changeScopes(PROVIDER_TITLES[action.provider]),
          perform: () => openTokenPage({ provider: action.provider }),
        };
      case "open_vercel_app":
        return {
          label: t.errors.openVercelApp,
          perform: () => openVercelApp({}),
        };
      case "open_settings":
        return {
          label: t.errors.openSetting,
          perform: () => void navigate({ to: "/settings/$page", params: { page: action.page } }),
        };
      case "open_run":
        return {
          label: t.errors.openRun,
          perform: () => void navigate({ to: "/runs/$run", params: { run: action.run } }),
        };
      case "open_list":
        return {
          label: { customers: t.frame.toCustomers, runs: t.frame.toRuns }[action.list],
          perform: () => void navigate({ to: `/${action.list}` }),
        };
      case "open_diagnosis":
        return {
          label: t.errors.openDiagnosis,
          perform: () => void navigate({ to: "/settings/$page", params: { page: "about" } }),
        };
    }
  };
}
