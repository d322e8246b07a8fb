/** Svenska ord för nycklar och nyckelringen. */

import type { enCredentials } from "./credentials.en";
import { word } from "./numerals.sv";
import { count } from "./plural.sv";

export const svCredentials = {
  credentials: {
    title: "Nycklar",
    sandboxSummary: "Sandlådan har egna nycklar och behöver inga av dina.",
    allWell: "Alla nycklar som behövs fungerar.",
    summary: (missing: number, faulty: number) => {
      const wanting = missing > 0 ? `${word(missing)} ${missing === 1 ? "nyckel" : "nycklar"} saknas` : "";
      if (faulty === 0) return `${wanting}.`;
      const behind = `${word(faulty)} ${missing === 0 ? (faulty === 1 ? "nyckel " : "nycklar ") : ""}behöver ändras`;
      return wanting === "" ? `${behind}.` : `${wanting} och ${behind.toLowerCase()}.`;
    },
    unchecked: (n: number) => `${word(n)} ${n === 1 ? "nyckel" : "nycklar"} återstår att kontrollera.`,
    importEnv: "Importera .env-fil",
    checkAll: "Kontrollera alla",
    checkOf: (vendor: string) => `Kontrollera nyckeln för ${vendor}`,
    keyring: "Nyckelring",
    keyringTokens: (n: number) => `${count(n, "nyckel sparad", "nycklar sparade")}`,
    keyringSandbox: "Sandlådans egna nycklar",
    keyringUnlocked: "Upplåst",
    keyringUnusable: "Kan inte användas",
    replace: "Ersätt",
    remove: "Ta bort",
    add: "Lägg till nyckel",
    check: "Kontrollera",
    checking: "Kontrollerar…",
    checkAgain: "Kontrollera igen",
    create: (vendor: string) => `Skapa nyckel hos ${vendor}`,
    changeScopes: (vendor: string) => `Ändra behörigheter hos ${vendor}`,
    scopes: "Behörigheter",
    scopesHeld: (n: number) => count(n, "behörighet", "behörigheter"),
    scopesSeen: (seen: number, needed: number) => `${seen} av ${needed} behörigheter`,
    paste: (prefix: string) => (prefix === "" ? "Klistra in nyckeln" : `Klistra in nyckeln, den börjar med ${prefix}`),
    fieldOf: (vendor: string) => `Nyckel för ${vendor}`,
    reveal: "Visa det som skrivs",
    goesToKeyring: "Nyckeln går direkt till nyckelringen och visas aldrig igen.",
    validUntil: (date: string) => `Giltig till ${date}`,
    checkedAt: (at: string) => `kontrollerad ${at}`,
    fromEnvironment: "Från miljön, bara för den här processen",
    overrulesKeyring: "Från miljön, som går före den i nyckelringen",
    fromSandbox: "Påhittad av sandlådan",
    works: (names: string) => `${names} fungerar.`,
    sandboxText: "I sandlådan behövs inga egna nycklar, och ingen .env-fil kan importeras: riktiga nycklar hör inte hemma här. Skapa eller välj en skarp arbetsyta under Arbetsytor.",
    removeTitle: (vendor: string) => `Ta bort nyckeln för ${vendor}?`,
    removeText: "Den tas bort ur nyckelringen. Körningar som behöver den väntar tills det finns en ny.",
    removed: (vendor: string) => `Nyckeln för ${vendor} togs bort`,
    without: {
      repo: "Utan den kan Fabrik inte skapa kundernas privata repon.",
      delete_repo: "Utan den kan Fabrik inte ångra ett repo när en körning misslyckas.",
      workflow: "Utan den går mallrepon med GitHub Actions inte att kopiera.",
      "events:read": "Utan den ser Fabrik inte nya prenumerationer.",
    },
    uses: {
      supabase: "Skapar projekt, databaser och inloggning",
      github: "Skapar repon från mallrepot",
      vercel: "Skapar projekt och driftsätter",
      n8n: "Skapar arbetsflöden",
      gitea: "Sparar kopior av arbetsflöden",
      resend: "Skickar välkomstmejl och meddelanden om körningar",
      stripe: "Läser kundernas prenumerationer",
    },
    expiresIn: (days: number) => (days <= 0 ? "Går ut i dag" : `Går ut om ${count(days, "dag", "dagar")}`),
  },
  keyringState: {
    unlocked: "Upplåst",
    locked: "Låst",
    missing: "Saknas",
    timed_out: "Svarar inte",
    failed: "Fungerar inte",
  },
  keyringHint: {
    start_session: "Logga in i en skrivbordssession, eller starta en med dbus-run-session.",
    install_service: "Installera gnome-keyring, KWallet eller KeePassXC med Secret Service påslaget.",
    create_keyring: "Skapa en standardnyckelring: det erbjuds när en låses upp.",
    unlock: "Lås upp den med ditt lösenord; systemet frågar nästa gång den används.",
    answer_dialog: "Leta efter en fråga bakom fönstret och besvara den.",
    restart_service: "Starta om tjänsten, eller logga in på nytt.",
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
      linux: "Öppna Lösenord och nycklar (Seahorse) och skapa en standardnyckelring.",
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
  envImport: {
    title: "Importera .env-fil",
    text: "Nycklar går till nyckelringen och inställningar till arbetsytan. Inget sparas förrän du har sett vad som finns i filen.",
    columnName: "Variabel",
    columnVerdict: "Blir",
    columnShown: "Värde",
    line: (number: string) => `Rad ${number}`,
    verdicts: {
      credential: "Nyckel",
      setting: "Inställning",
      database_url: "Databas-URL",
      ignored: "Används inte",
      empty: "Tom",
      refused: "Avvisas",
    },
    overruled: (source: string) => `Ett annat värde går före: ${source.toLocaleLowerCase("sv")}`,
    submit: "Importera",
    nothing: "Det finns inget i filen som Fabrik använder.",
    summaryDone: (kept: number, refused: number) => `${count(kept, "importerat", "importerade")}, ${count(refused, "avvisat", "avvisade")}`,
    done: (n: number) => `${count(n, "värde importerades", "värden importerades")}`,
  },
} satisfies typeof enCredentials;
