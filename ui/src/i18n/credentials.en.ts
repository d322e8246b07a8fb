/** English words for credentials and the keyring. */

import type { VaultHint, VaultState } from "@/backend/bindings";

import { count } from "./plural";

export const enCredentials = {
  credentials: {
    title: "Credentials",
    allWell: "Every credential that is needed works.",
    summary: (missing: number, faulty: number) =>
      [
        missing > 0 ? count(missing, "credential is missing", "credentials are missing") : "",
        faulty > 0 ? count(faulty, "needs to be changed", "need to be changed") : "",
      ]
        .filter(Boolean)
        .join(" and ") + ".",
    unchecked: (n: number) => `${count(n, "credential remains", "credentials remain")} to be checked.`,
    importEnv: "Import .env file",
    checkAll: "Check all",
    checkOf: (vendor: string) => `Check the credential for ${vendor}`,
    keyring: "Keyring",
    keyringTokens: (n: number) => `${count(n, "credential", "credentials")} saved`,
    keyringSandbox: "The sandbox's own credentials",
    keyringUnlocked: "Unlocked",
    keyringUnusable: "Can't be used",
    replace: "Replace",
    remove: "Remove",
    add: "Add credential",
    check: "Check",
    checking: "Checking…",
    checkAgain: "Check again",
    create: (vendor: string) => `Create one at ${vendor}`,
    changeScopes: (vendor: string) => `Change scopes at ${vendor}`,
    scopes: "Scopes",
    scopesHeld: (n: number) => count(n, "scope", "scopes"),
    scopesSeen: (seen: number, needed: number) => `${seen} of ${needed} scopes`,
    paste: (prefix: string) => (prefix === "" ? "Paste the credential" : `Paste the credential, it begins with ${prefix}`),
    fieldOf: (vendor: string) => `Credential for ${vendor}`,
    reveal: "Show what is typed",
    goesToKeyring: "It goes straight to the keyring and is never shown again.",
    validUntil: (date: string) => `Valid until ${date}`,
    checkedAt: (at: string) => `checked ${at}`,
    fromEnvironment: "From the environment, for this process alone",
    fromSandbox: "Made up by the sandbox",
    works: (names: string) => `${names} work.`,
    sandboxText: "The sandbox needs no credentials of yours, and takes no .env file: real ones have no business in it. Create or select a live workspace under Workspaces.",
    removeTitle: (vendor: string) => `Remove the credential for ${vendor}?`,
    removeText: "It is removed from the keyring. Runs that need it will wait until there is a new one.",
    removed: (vendor: string) => `The credential for ${vendor} was removed`,
    /** What can't be done without a scope. */
    without: {
      repo: "Without it Fabrik can't create the customers' private repositories.",
      delete_repo: "Without it Fabrik can't take a repository back when a run fails.",
      workflow: "Without it templates that have GitHub Actions can't be copied.",
      "events:read": "Without it Fabrik can't see new subscriptions.",
    } as Partial<Record<string, string>>,
    uses: {
      supabase: "Creates projects, databases and sign-in",
      github: "Creates repositories from the template",
      vercel: "Creates projects and deploys",
      n8n: "Creates workflows",
      gitea: "Keeps copies of workflows",
      resend: "Sends welcome e-mails and messages about runs",
      stripe: "Reads the customers' subscriptions",
    },
    expiresIn: (days: number) => (days <= 0 ? "Expires today" : `Expires in ${count(days, "day", "days")}`),
  },
  keyringState: {
    unlocked: "Unlocked",
    locked: "Locked",
    missing: "Missing",
    timed_out: "No answer",
    failed: "Fails",
  } satisfies Record<VaultState, string>,
  keyringHint: {
    start_session: "Log in to a desktop session, or start one with dbus-run-session.",
    install_service: "Install gnome-keyring, KWallet, or KeePassXC with its Secret Service turned on.",
    create_keyring: "Create a default keyring: you are offered one when you unlock it.",
    unlock: "Unlock it with your password; the system asks at the next use.",
    answer_dialog: "Look for a dialog behind the window and answer it.",
    restart_service: "Restart the service, or log in again.",
  } satisfies Record<VaultHint, string>,
  keyringFix: {
    title: "What to do",
    start_session: {
      linux: "Log in to a desktop session. Over SSH: start Fabrik with dbus-run-session -- fabrik-desktop.",
      macos: "Log in to the Mac with the account whose keychain you use.",
      windows: "Log in to Windows with the account whose credentials you use.",
    },
    install_service: {
      linux: "Install gnome-keyring or KWallet, or turn on Secret Service in KeePassXC. Then log in again.",
      macos: "Open Keychain Access and see that the login keychain is there.",
      windows: "Open Credential Manager and see that it starts.",
    },
    create_keyring: {
      linux: "Open Passwords and Keys (Seahorse) and create a default keyring.",
      macos: "Open Keychain Access and select File, New Keychain.",
      windows: "Open Credential Manager once, so that Windows creates what is needed.",
    },
    unlock: {
      linux: "Open Passwords and Keys (Seahorse) and unlock Login, or log in again.",
      macos: "Open Keychain Access and unlock login.",
      windows: "Log in to Windows again.",
    },
    answer_dialog: {
      linux: "Answer the keyring's dialog; it may be behind this window.",
      macos: "Answer the keychain's dialog; it may be behind this window.",
      windows: "Answer Windows' dialog; it may be behind this window.",
    },
    restart_service: {
      linux: "Restart the keyring: log out and in again.",
      macos: "Restart the Mac, then try again.",
      windows: "Restart the service Credential Manager, then try again.",
    },
    kept: "Nothing is lost: credentials stay where they are, and everything else works.",
  },
  envImport: {
    title: "Import .env file",
    text: "Credentials go to the keyring and settings to the workspace. Nothing is saved until you have seen what is in the file.",
    columnName: "Variable",
    columnVerdict: "Becomes",
    columnShown: "Value",
    line: (number: string) => `Line ${number}`,
    verdicts: {
      credential: "Credential",
      setting: "Setting",
      database_url: "Database URL",
      ignored: "Not used",
      empty: "Empty",
      refused: "Refused",
    },
    overruled: (source: string) => `Another value takes precedence: ${source.toLocaleLowerCase("en")}`,
    submit: "Import",
    nothing: "There is nothing in the file that Fabrik uses.",
    summaryDone: (kept: number, refused: number) => `${kept} imported, ${refused} refused`,
    done: (n: number) => `${count(n, "value was", "values were")} imported`,
  },
};
