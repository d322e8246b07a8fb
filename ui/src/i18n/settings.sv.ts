/** Svenska ord för det Fabrik står på: arbetsytor, mallar, nyckelring, diagnos, och vad som är fel. */

import { count } from "./plural";
import type { enSettings } from "./settings.en";

export const svSettings = {
  saved: {
    toDownloads: (name: string) => `${name} sparades`,
    show: "Visa i mappen",
  },
  trouble: {
    from: (at: string) => `Det du ser är från ${at}.`,
    trying: "Nya försök görs av sig självt.",
    more: (n: number) => `${count(n, "sak till är fel", "saker till är fel")}`,
    region: "Vad som är fel nu",
  },
  exportCustomers: {
    title: "Exportera",
    all: { csv: "Alla kunder som CSV", json: "Alla kunder som JSON" },
    chosen: { csv: "Exportera som CSV", json: "Exportera som JSON" },
  },
  density: {
    label: "Radhöjd",
    choices: { compact: "Kompakt, 36 px", comfortable: "Luftig, 44 px" },
  },
  mailAndDomains: {
    text: "Vem kunderna får mejl från, och domänen som deras adresser slutar på.",
  },
  workspaces: {
    text: "En arbetsyta är en uppsättning konton, med egna kunder och nycklar. En är öppen i taget.",
    open: "Öppen nu",
    next: "Öppnas vid nästa start",
    choose: "Öppna vid nästa start",
    chosen: (name: string) => `${name} öppnas nästa gång du startar Fabrik`,
    restart: (name: string) => `Avsluta Fabrik och starta igen för att öppna ${name}. Körningar som pågår fortsätter där de var.`,
    fixed: (variable: string) => `${variable} bestämmer vilken arbetsyta som öppnas; ändra där.`,
    new: "Ny arbetsyta",
    newText: "För riktiga konton. Små bokstäver, siffror och bindestreck.",
    newSubmit: "Skapa och välj",
    list: "Arbetsytor",
    data: "Data",
    dataDirectory: "Datakatalog",
    database: "Central databas",
    openFolder: "Öppna mappen",
  },
  shelf: {
    text: "Det som kunder kan få. Varje mall kontrolleras här, och dess SQL provas i en egen databas.",
    version: (version: number) => `v${version}`,
    steps: (n: number) => count(n, "steg", "steg"),
    usedBy: (n: number, text: string) => (n === 0 ? "används inte av någon kund" : n === 1 ? "används av 1 kund" : `används av ${text} kunder`),
    usually: (time: string) => `tar vanligtvis ${time}`,
    checking: "Kontrolleras…",
    well: "Inget fel",
    faults: (n: number) => count(n, "fel", "fel"),
    unchecked: "Inte kontrollerad",
    unusable: "Kan inte användas",
    checkedAt: (at: string) => `kontrollerad ${at}`,
    check: (name: string) => `Kontrollera ${name} igen`,
    checkAll: "Kontrollera alla",
    openFolder: "Öppna mappen",
    step: (name: string) => `steg ${name}`,
    showSteps: (name: string) => `Steg i ${name}`,
    empty: "Det finns inga mallar",
    emptyText: "Lägg en i arbetsytans mapp, eller kopiera en med fabrik blueprints new.",
  },
  keyringFix: {
    title: "Så här gör du",
    start_session: {
      linux: "Logga in i en skrivbordsmiljö. Över SSH: starta Fabrik med dbus-run-session -- fabrik-desktop.",
      macos: "Logga in på Macen med kontot vars nyckelring du använder.",
      windows: "Logga in i Windows med kontot vars autentiseringsuppgifter du använder.",
    },
    install_service: {
      linux: "Installera gnome-keyring eller KWallet, eller slå på Secret Service i KeePassXC. Logga sedan in igen.",
      macos: "Öppna Nyckelhanterare och se efter att nyckelringen inloggning finns.",
      windows: "Öppna Autentiseringshanteraren och se efter att den startar.",
    },
    create_keyring: {
      linux: "Öppna Lösenord och nycklar (Seahorse) och skapa en förvald nyckelring.",
      macos: "Öppna Nyckelhanterare och välj Arkiv, Ny nyckelring.",
      windows: "Öppna Autentiseringshanteraren en gång, så skapar Windows det som behövs.",
    },
    unlock: {
      linux: "Öppna Lösenord och nycklar (Seahorse) och lås upp Inloggning, eller logga in igen.",
      macos: "Öppna Nyckelhanterare och lås upp inloggning.",
      windows: "Logga in i Windows igen.",
    },
    answer_dialog: {
      linux: "Svara i nyckelringens dialog; den kan ligga bakom det här fönstret.",
      macos: "Svara i nyckelringens dialog; den kan ligga bakom det här fönstret.",
      windows: "Svara i Windows dialog; den kan ligga bakom det här fönstret.",
    },
    restart_service: {
      linux: "Starta om nyckelringen: logga ut och in igen.",
      macos: "Starta om Macen och försök sedan igen.",
      windows: "Starta om tjänsten Autentiseringshanteraren och försök sedan igen.",
    },
    kept: "Inget har gått förlorat: nycklarna ligger kvar, och allt annat fungerar.",
  },
  diagnostics: {
    open: "Diagnosfil…",
    title: "Diagnos att skicka",
    text: "Versioner, diagnosen, de senaste körningarna och slutet av loggen. Nycklar, lösenord och mejladresser är utbytta. Läs igenom den; det du sparar är precis det här.",
    content: "Diagnos",
    save: "Spara filen",
    making: "Samlar ihop…",
  },
} satisfies typeof enSettings;
