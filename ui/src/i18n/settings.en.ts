/** English words for what Fabrik stands on: workspaces, blueprints, the keyring, diagnostics, and what is wrong. */

import { count } from "./plural";

export const enSettings = {
  saved: {
    toDownloads: (name: string) => `${name} was saved`,
    show: "Show in folder",
  },
  trouble: {
    from: (at: string) => `What you see is from ${at}.`,
    trying: "Trying again by itself.",
    more: (n: number) => `${count(n, "more thing is", "more things are")} wrong`,
    region: "What is wrong now",
  },
  exportCustomers: {
    title: "Export",
    all: { csv: "All customers as CSV", json: "All customers as JSON" },
    chosen: { csv: "Export as CSV", json: "Export as JSON" },
  },
  density: {
    label: "Row height",
    choices: { compact: "Compact, 36 px", comfortable: "Comfortable, 44 px" },
  },
  mailAndDomains: {
    text: "Who customers hear from, and the domain that their addresses end in.",
  },
  workspaces: {
    text: "A workspace is one set of accounts, with customers and credentials of its own. One is open at a time.",
    open: "Open now",
    next: "Opens at the next start",
    choose: "Open at the next start",
    chosen: (name: string) => `${name} opens the next time you start Fabrik`,
    restart: (name: string) => `Quit Fabrik and start it again to open ${name}. Runs under way go on from where they were.`,
    fixed: (variable: string) => `${variable} decides which workspace is opened; change it there.`,
    new: "New workspace",
    newText: "For real accounts. Lower-case letters, digits and hyphens.",
    newSubmit: "Create and choose",
    list: "Workspaces",
    data: "Data",
    dataDirectory: "Data directory",
    database: "Central database",
    openFolder: "Open folder",
  },
  shelf: {
    text: "What customers can be given. Each is checked here, its SQL tried on a database of its own.",
    version: (version: number) => `v${version}`,
    steps: (n: number) => count(n, "step", "steps"),
    usedBy: (n: number, text: string) => (n === 0 ? "used by no customer" : n === 1 ? "used by 1 customer" : `used by ${text} customers`),
    usually: (time: string) => `usually ${time}`,
    checking: "Checking…",
    well: "Nothing wrong",
    faults: (n: number) => count(n, "fault", "faults"),
    unchecked: "Not checked",
    unusable: "Can't be used",
    checkedAt: (at: string) => `checked ${at}`,
    check: (name: string) => `Check ${name} again`,
    checkAll: "Check all",
    openFolder: "Open folder",
    step: (name: string) => `step ${name}`,
    showSteps: (name: string) => `Steps of ${name}`,
    empty: "There are no blueprints",
    emptyText: "Put one in the workspace's folder, or copy one with fabrik blueprints new.",
  },
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
      linux: "Open Passwords and Keys (Seahorse) and make a default keyring.",
      macos: "Open Keychain Access and choose File, New Keychain.",
      windows: "Open Credential Manager once, so that Windows makes it.",
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
  diagnostics: {
    open: "Diagnostics…",
    title: "Diagnostics to send",
    text: "Versions, the diagnosis, the newest runs and the end of the log. Credentials, passwords and e-mail addresses are replaced. Read it through; what you save is exactly this.",
    content: "Diagnostics",
    save: "Save file",
    making: "Gathering…",
  },
};
