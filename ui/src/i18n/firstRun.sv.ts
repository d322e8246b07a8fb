/** Svenska ord för guiden vid första starten. */

import type { enFirstRun } from "./firstRun.en";

export const svFirstRun = {
  firstRun: {
    steps: "Guidens steg",
    place: (at: number, of: number) => `Kom igång, steg ${at} av ${of}`,
    names: (at: number, name: string) => `${at}. ${name}`,
    titles: { language: "Språk", keyring: "Nyckelring", accounts: "Konton", blueprint: "Mall", customer: "Första kund" },
    heads: {
      language: { title: "Vilket språk ska Fabrik tala?", text: "Datum, tal och meddelanden följer det. Det går att byta när som helst." },
      keyring: { title: "Kan datorn förvara hemligheter?", text: "Dina nycklar läggs i systemets egen nyckelring, aldrig i en fil eller på en server." },
      accounts: { title: "Var ska Fabrik skapa saker?", text: "Börja i sandlådan och koppla dina riktiga konton när du vill. Kunder i sandlådan rör aldrig dina konton." },
      liveAccounts: { title: "Koppla dina konton", text: "I valfri ordning. En körning säger vad som saknas innan något skapas." },
      blueprint: { title: "Vad ska en kund få?", text: "En mall säger vad som skapas och i vilken ordning. Varje kund kan ha sin egen." },
      customer: { title: "Din första kund", text: "Ett tryck skapar allt, och du ser varje steg medan det görs." },
    },
    next: (step: string) => `Fortsätt till ${step.toLowerCase()}`,
    back: "Tillbaka",
    skip: "Hoppa över guiden",
    later: "Du kan hoppa mellan stegen och göra om guiden under Inställningar.",
    again: "Gör om guiden",
    againText: "Språk, nyckelring, konton, mall och en första kund.",
    keyringKeeps: "Dina nycklar kan förvaras här.",
    keyringLater: "Sandlådan behöver ingen nyckelring: du kan gå vidare och ordna det innan du kopplar riktiga konton.",
    keyringNeeded: "Du kan gå vidare, men inga nycklar kan sparas förrän det här är ordnat.",
    sandbox: "Börja i sandlådan",
    sandboxText: (vendors: string) => `Ett eget moln på den här datorn. Det svarar som ${vendors}, med samma väntetider.`,
    noAccounts: "Inga konton",
    noCost: "Kostar inget",
    quick: "Första kunden på två minuter",
    useSandbox: "Använd sandlådan",
    realLater: "Riktiga konton, när du vill",
    realHow: "Här behövs inga nycklar. Riktiga konton kopplas i en skarp arbetsyta.",
    realWorkspace: "Skapa en skarp arbetsyta",
    sandboxHow: "Vill du prova utan konton? Sandlådan öppnas under",
    priceFrom: (price: string) => `från ${price} per månad`,
    example: { name: "Kafé Solsidan", email: "anna@example.com" },
    exampleText: "Ifyllt med ett exempel. Ändra som du vill: inget skapas på riktigt, och inga mejl lämnar datorn.",
    submit: "Skapa och provisionera",
    working: "Startar…",
  },
} satisfies typeof enFirstRun;
