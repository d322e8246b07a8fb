/** What the screens do. Answers go straight into the cache; hints bring the rest. */

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";

import { usePort, useShell } from "./BackendProvider";
import type { Credential, CredentialsPage } from "./bindings";
import { keys } from "./keys";
import type { Answer, Arguments, CommandName } from "./port";

/** Commands that change something, with what of the cache they make old. */
const MAKES_OLD = {
  customer_add: ["customers", "neighbours", "counts", "shelf", "overview", "check", "suggestion"],
  customer_edit: ["customers", "customer", "neighbours", "counts", "shelf", "check"],
  customer_remove: ["customers", "neighbours", "counts", "shelf", "overview", "check", "suggestion"],
  customers_import: ["customers", "neighbours", "counts", "shelf", "overview", "check", "suggestion"],
  request_add: ["requests", "overview"],
  request_edit: ["requests", "request", "review"],
  request_approve: ["requests", "request", "customers", "neighbours", "counts", "shelf", "runs", "overview", "check", "suggestion"],
  request_reject: ["requests", "request", "overview"],
  request_archive: ["requests", "request", "customer", "overview"],
  request_restore: ["requests", "request", "customer", "overview"],
  request_settle: ["requests", "request", "customers", "customer", "counts", "overview"],
  import_stop: [],
  import_save: [],
  members_import: ["customer"],
  provision: ["customers", "customer", "counts", "runs", "overview"],
  provision_many: ["customers", "customer", "counts", "runs", "overview"],
  deprovision: ["customers", "customer", "counts", "runs", "removal", "overview"],
  welcome_resend: ["welcome", "customer"],
  domains_check: ["customers", "customer", "counts", "run"],
  run_resume: ["run", "runs", "customers", "customer", "counts", "overview"],
  run_cancel: ["run", "runs", "customers", "customer", "counts", "overview"],
  run_rollback: ["run", "runs", "customers", "customer", "counts", "overview"],
  run_decide: ["run", "runs", "customers", "customer", "counts", "overview"],
  run_let_go: ["run", "runs", "customers", "customer", "counts", "overview"],
  env_import: ["credentials", "settings", "customer"],
  blueprint_open: [],
  blueprint_version: [],
  blueprint_copy: ["shelf", "blueprints"],
  blueprint_save: ["shelf", "blueprints", "blueprintCheck", "customers", "customer", "review"],
  plan: [],
  allowance: [],
  link_open: [],
  candidate_open: [],
  resource_open: [],
  token_page_open: [],
  vercel_app_open: [],
  folder_open: [],
  customers_save: [],
  diagnostics: [],
  diagnostics_save: [],
  workspace_choose: ["workspaces"],
  source_look: [],
  source_results_to: [],
  source_preview: [],
  source_connect: ["source"],
  source_password: ["source"],
  source_refresh: ["source", "customers", "customer", "neighbours", "counts", "shelf", "overview"],
  source_disconnect: ["source"],
  // Every record is another.
  database_restore: ["diagnosis", "standing", "overview", "customers", "customer", "neighbours", "counts", "shelf", "runs", "run", "requests", "request", "settings", "database", "source"],
} as const satisfies Partial<Record<CommandName, readonly string[]>>;

type Act = keyof typeof MAKES_OLD;

function makeOld(client: QueryClient, words: readonly string[]) {
  void client.invalidateQueries({ predicate: ({ queryKey }) => words.includes(String(queryKey[0])) });
}

/** Where every record is another: what was left may not be shown while another is on its way, nor where none is to be had. */
function forgetLeft(client: QueryClient) {
  client.removeQueries({ type: "inactive" });
}

/** A command as a mutation. */
export function useCommand<Name extends Act>(name: Name) {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<Name>, Error, Arguments<Name>>({
    mutationFn: (given) => port.call(name, given),
    // Arguments may be secrets (an `.env` file): the cache forgets them the moment nobody looks.
    gcTime: 0,
    onSuccess: () => {
      if (name === "database_restore") forgetLeft(client);
      makeOld(client, MAKES_OLD[name]);
    },
  });
}

/** Reads Stripe at once. Why it can't be read is with the inbox: that is looked at anew either way. */
export function useStripeRead() {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<"stripe_read">, Error, Arguments<"stripe_read">>({
    mutationFn: (given) => port.call("stripe_read", given),
    onSettled: () => makeOld(client, ["requests", "request", "overview"]),
  });
}

/** Another place for the central database. What is used from now on tells of no change from before: all is asked anew. */
export function useDatabaseSet() {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<"database_set">, Error, Arguments<"database_set">>({
    mutationFn: (given) => port.call("database_set", given),
    // What it says is of a server that may be, not of the one in use.
    meta: { saidThere: true },
    // A password is an argument: see above.
    gcTime: 0,
    onSuccess: ({ restart }) => {
      if (restart) {
        makeOld(client, ["database", "workspaces"]);
        return;
      }
      forgetLeft(client);
      void client.invalidateQueries();
    },
  });
}

function useCredentialCommand<Name extends "credential_set" | "credential_test" | "credential_remove">(name: Name) {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<Name>, Error, Arguments<Name>>({
    mutationFn: (given) => port.call(name, given),
    // The token is an argument: see above.
    gcTime: 0,
    onSuccess: (credential: Credential) => {
      client.setQueryData<CredentialsPage>(keys.credentials, (page) =>
        page === undefined
          ? page
          : {
              ...page,
              credentials: page.credentials.map((one) => (one.provider === credential.provider ? credential : one)),
            },
      );
      makeOld(client, ["credentials", "overview"]);
    },
    onError: () => makeOld(client, ["credentials"]),
  });
}

export const useCredentialSet = () => useCredentialCommand("credential_set");
export const useCredentialTest = () => useCredentialCommand("credential_test");
export const useCredentialRemove = () => useCredentialCommand("credential_remove");

function useSettingCommand<Name extends "setting_set" | "setting_secret_set">(name: Name) {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<Name>, Error, Arguments<Name>>({
    mutationFn: (given) => port.call(name, given),
    // A secret is an argument: see above.
    gcTime: 0,
    onSuccess: (settings) => {
      client.setQueryData(keys.settings, settings);
      makeOld(client, ["overview"]);
    },
  });
}

export const useSettingSet = () => useSettingCommand("setting_set");
export const useSettingSecretSet = () => useSettingCommand("setting_secret_set");

function useAppearance<Name extends "language_set" | "theme_set" | "density_set">(name: Name) {
  const port = usePort();
  const client = useQueryClient();
  return useMutation<Answer<Name>, Error, Arguments<Name>>({
    mutationFn: (given) => port.call(name, given),
    // It is chosen in a menu, in the guide and in the settings: why it is not kept has its place above every page.
    meta: { saidAbove: true },
    onSuccess: (overview) => client.setQueryData(keys.overview, overview),
  });
}

export const useLanguageSet = () => useAppearance("language_set");
export const useThemeSet = () => useAppearance("theme_set");
export const useDensitySet = () => useAppearance("density_set");

/** Installs the version that was found; then the app begins anew. The argument: runs under way may be stopped for it. */
export function useUpdateInstall() {
  const shell = useShell();
  return useMutation<{ runs: number } | undefined, Error, boolean>({
    mutationFn: async (stopRuns) => shell?.installUpdate(stopRuns),
  });
}
