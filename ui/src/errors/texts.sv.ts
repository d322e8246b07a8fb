/** Problemens texter på svenska: vad som gick fel och vad man gör. */

import { expectedOf, fieldName } from "@/i18n/fields";
import { svFields, svMemberWords } from "@/i18n/fields.sv";
import { svSettings } from "@/i18n/settings.sv";

import { isAdoptable, isOnOwnServer, names, settingName, type ProblemText, type ProblemTexts } from "./texts";

const say = (title: string, text: string): ProblemText => ({ title, text });

const setting = (key: string) => settingName(key, svSettings.settings.names);

const field = (name: string) => fieldName(svFields, name);

/** What a column of the agency's own table is to hold, as it is called where columns are selected. */
const held = (name: string) => fieldName({ ...svSettings.source.results, ...svSettings.source.fields }, name);

const NAME_FAULTS = {
  empty: "Skriv ett namn.",
  too_long: "Namnet får ha högst 120 tecken.",
  deceptive: "Namnet har osynliga tecken eller förlorade bokstäver. Skriv om det för hand.",
  no_letters: "Namnet behöver minst en bokstav eller siffra.",
  login: "Det är en adress med lösenord. Skriv ett namn.",
} as const;

const SUBDOMAIN_FAULTS = {
  empty: "Skriv en subdomän.",
  too_long: "Subdomänen får ha högst 63 tecken.",
  characters: "Bara små bokstäver a–z, siffror och bindestreck.",
  hyphen: "Den får varken börja eller sluta med bindestreck.",
  punycode: "Den får inte ha två bindestreck på tredje och fjärde plats.",
  reserved: "Den är reserverad. Välj en annan.",
} as const;

const BREACHES = {
  no_canary: (subject: string) => `${subject} saknar rad i canary.sql`,
  readable: (subject: string) => `${subject} kan läsas av alla`,
  writable: (subject: string) => `${subject} kan ändras av alla`,
  callable: (subject: string) => `${subject} kan anropas av alla`,
  served: (subject: string) => `${subject} lämnas ut med den publika nyckeln`,
  foreign_key: (subject: string) => `${subject} godtar en annan kunds nyckel`,
} as const;

/** Det som kan gå fel med en ny version. */
const UPDATE_FAULTS = {
  unreachable: say("Det går inte att se om det finns en ny version", "Kontrollera nätverket och försök igen."),
  unreadable: say("Beskedet om en ny version går inte att läsa", "Försök igen senare, eller installera den nya versionen för hand."),
  untrusted: say("Den nya versionen är inte rätt signerad", "Den installerades inte. Installera den inte för hand heller; hör med den som ger ut Fabrik."),
  not_installed: say("Den nya versionen kunde inte installeras", "Versionen du har är kvar. Försök igen, eller installera den nya för hand."),
} as const;

const REQUEST_STATES = { open: "öppen", archived: "arkiverad", approved: "godkänd", rejected: "avböjd", withdrawn: "återtagen", settled: "avslutad" } as const;

/** A question that was lost did nothing; whether anything else was done is not known. */
const unanswered = (p: { operation: string; reads: boolean }): string =>
  p.reads ? `${p.operation} var bara en fråga, och inget ändrades. Försök igen; en körning frågar igen.` : `Det är okänt om ${p.operation} gjordes. Fabrik ser efter innan något görs igen.`;

export const svProblems: ProblemTexts = {
  name_invalid: (p) => say("Namnet går inte att använda", NAME_FAULTS[p.fault]),
  slug_taken: (p) => say("Namnet är för likt en annan kunds", `${p.customer} har redan kortnamnet ${p.slug}. Välj ett namn som skiljer sig.`),
  subdomain_invalid: (p) => say("Subdomänen går inte att använda", SUBDOMAIN_FAULTS[p.fault]),
  subdomain_taken: (p) => say("Subdomänen är upptagen", `${p.customer} har redan ${p.subdomain}. Välj en annan.`),
  subdomain_in_use: (p) => say("Subdomänen kan inte ändras nu", `Det som finns för kunden heter efter ${p.subdomain}. Den går att ändra när ingen körning pågår och inget är kvar av instansen, inte heller rester.`),
  subdomain_changed: (p) => say("Kunden har en annan subdomän nu", `Körningen namnger det den skapar efter ${p.before}, men subdomänen är ${p.subdomain} nu. Starta en ny körning från kundens sida.`),
  external_id_taken: (p) => say("Det externa id:t är upptaget", `${p.customer} har redan ${p.external_id}.`),
  external_id_alike: (p) => say("Det externa id:t är för likt en annan kunds", `${p.external_id} ger kortnamnet ${p.slug}, som ${p.customer} redan har. Ange ett id som skiljer sig i mer än skiftläge och skiljetecken, inom de första 40 tecknen.`),
  email_invalid: () => say("Adressen går inte att skriva till", "Skriv en e-postadress, som namn@exempel.se."),
  link_invalid: () => say("Länken går inte att använda", "Skriv en hel adress som börjar med https://."),
  project_ref_invalid: () => say("Projektreferensen är fel", "Den är 20 små bokstäver, som i projektets adress hos Supabase."),
  plan_unknown: (p) => say(`Planen ${p.plan} finns inte`, `Mallens planer: ${names(p.known)}.`),
  module_unknown: (p) => say(`Modulen ${p.module} finns inte`, `Mallens moduler: ${names(p.known)}.`),
  blueprint_unknown: (p) => say(`Mallen ${p.blueprint} finns inte`, `Mallar som finns: ${names(p.known)}.`),
  blueprint_invalid: (p) => say(`Mallen ${p.blueprint} går inte att använda`, "Rätta mallen. Under Inställningar → Mallar står allt som är fel med den."),
  blueprint_name_invalid: (p) => say(`${p.blueprint} kan inte vara namnet på en mall`, "Använd 1–40 små bokstäver, siffror och bindestreck, med en bokstav först."),
  blueprint_changed: (p) =>
    say(`Mallen ${p.blueprint} har ändrats av någon annan`, "Inget sparades. Öppna det som finns nu: dina ändringar behålls, att granska igen."),
  blueprint_version_gone: (p) => say(`Den versionen av mallen ${p.blueprint} finns inte kvar som den var`, "Inget ändrades. Välj en annan av dem som finns kvar."),
  blueprint_exists: (p) => say(`Mallen ${p.blueprint} finns redan`, "Välj ett annat namn: inget skrivs över."),
  customer_unknown: (p) => say("Kunden finns inte", `Ingen kund heter ${p.customer}. Den kan ha tagits bort.`),
  confirmation_mismatch: (p) => say("Bekräftelsen stämmer inte", `Skriv ${p.expected} precis så.`),
  customer_has_instance: (p) => say(`${p.customer} har en instans`, "Det som finns hos leverantörerna skulle bli utan ägare. Ta bort instansen först."),
  file_unreadable: (p) => say("Filen gick inte att läsa", `Kontrollera filen och dess format: ${p.file}`),
  column_missing: (p) => say(`Filen saknar kolumnen ${p.column}`, `Ge ${p.file} en första rad med rubriker, och ${p.column} bland dem.`),
  no_customers_in_file: (p) => say("Filen har inga kunder", `${p.file} ska vara en lista över kunder: CSV, JSON eller en äldre customer-config.json.`),
  field_missing: (p) =>
    p.provider === undefined
      ? say(`Fältet ${field(p.field)} saknas`, "Fyll i det och försök igen.")
      : say("Ingen nyckel angavs", "Klistra in den och försök igen."),
  request_unknown: () => say("Förfrågan finns inte", "Titta i inkorgen."),
  request_decided: (p, _, moment) => say(`Förfrågan är redan ${REQUEST_STATES[p.state]}`, `${p.by ?? "Någon"} gjorde det ${moment(p.at)}. ${p.state === "archived" ? "Öppna den igen i arkivet först." : "Inget mer behöver göras."}`),
  request_of_another_kind: () => say("Det går inte med den här förfrågan", "En uppsagd prenumeration avslutas; en ny kund godkänns eller avböjs."),
  price_unknown: (p) => say("Stripes pris hör inte till någon plan", `${p.price} är inte känt. Välj mall och plan här. Eller ge priset metadata blueprint och plan i Stripe, eller ange Stripes priser under Inställningar: när Stripe läses igen får alla som väntar på det dem.`),
  subscription_unknown: (p) => say("Ingen kund hör till prenumerationen", `Leta upp ${p.subscription} i Stripe, ta hand om kunden och avsluta det här.`),
  field_unreadable: (p) => say(`Fältet ${field(p.field)} kan inte vara ${p.value}`, `Det kan vara ${expectedOf(p.field, p.expected, svMemberWords)}.`),
  row_repeated: (p) => say(`Rad ${p.line} gäller samma person`, "Låt en av raderna vara kvar."),
  cells_surplus: (p) => say(`Rad ${p.line} har ${p.cells} celler under ${p.columns} rubriker`, 'Sätt citattecken om en cell som har ett skiljetecken i sig: "1,5".'),
  quote_unclosed: (p) => say(`Ett citattecken på rad ${p.line} avslutas inte`, `Avsluta det på den raden i ${p.file} eller ta bort det, och importera filen igen.`),
  members_unsupported: (p) => say(`Mallen ${p.blueprint} har inga medlemmar`, "Medlemmar importeras till kunder vars mall har tabellen members, som orchestra."),

  line_unreadable: (p) => say(`Rad ${p.line} går inte att läsa`, "Skriv den som NAMN=värde, och avsluta det som står inom citattecken."),
  variable_contradicted: (p) => say(`${p.other} i samma fil säger något annat om samma sak, och gäller`, "Låt det rätta av de två värdena vara kvar, och importera filen igen."),
  database_url_kept: () => say("Kunden har en databas som Fabrik har skapat, och dess adress behålls", "Utelämna raden: adressen i nyckelringen är den som används."),
  credential_missing: (_, vendor) => say(`Nyckeln för ${vendor} saknas`, "Lägg till den under Nycklar."),
  credential_rejected: (_, vendor) => say(`${vendor} avvisar nyckeln`, "Den kan ha gått ut eller återkallats. Skapa en ny och ersätt den."),
  credential_unrestricted: (_, vendor) => say(`Nyckeln för ${vendor} får göra allt i kontot`, "Fabrik tar bara en begränsad nyckel (rk_) som får läsa Events, Checkout Sessions, Subscriptions, Prices och Customers. Skapa en sådan och lägg in den i stället."),
  credential_scope_missing: (p, vendor) => say(p.scopes.length === 0 ? `Nyckeln för ${vendor} får inte göra det här` : `Nyckeln för ${vendor} saknar behörigheten ${names(p.scopes)}`, `Ge nyckeln behörigheten hos ${vendor} och kontrollera den igen.`),
  setting_missing: (p) => say(`Inställningen ${setting(p.setting)} saknas`, "Ange den under Inställningar."),
  setting_unknown: (p) => say(`Inställningen ${p.setting} finns inte`, "Se efter hur den stavas."),
  setting_invalid: (p) => say(`Inställningen ${setting(p.setting)} går inte att använda`, `Den ska se ut så här: ${p.expected}`),
  base_url_insecure: (p) => say("Adressen är inte säker", `${p.url} måste börja med https:// eller vara den här datorn.`),
  provider_unknown: (p) => say(`Leverantören ${p.name} finns inte`, "Se efter hur den stavas."),
  link_refused: () => say("Länken öppnas inte", "Den leder inte till en sida som Fabrik känner till."),
  workspace_invalid: (p) => say(`Arbetsytan kan inte heta ${p.workspace}`, "Använd små bokstäver, siffror och bindestreck."),

  region_not_offered: (p, vendor) => say(`${vendor} erbjuder inte regionen ${p.region}`, `Välj en av: ${names(p.offered)}.`),
  organization_not_visible: (p) => say(`Nyckeln ser inte organisationen ${p.organization}`, `Den ser: ${names(p.visible)}. Ändra inställningen eller byt nyckel.`),
  project_limit_reached: (p, vendor) => say("Fler projekt ryms inte", `Kontot hos ${vendor} får ha ${p.limit}. Ta bort ett eller höj abonnemanget.`),
  template_not_template: (p) => say(`${p.template} är inget mallrepo`, "Markera det som mall under repots inställningar hos GitHub."),
  template_not_visible: (p) => say(`Nyckeln ser inte ${p.template}`, "Se efter hur mallrepot stavas och att nyckeln får läsa det."),
  owner_not_visible: (p) => say(`Nyckeln ser inte ägaren ${p.owner}`, "Se efter hur ägaren stavas och att nyckelns konto är medlem där med åtkomst."),
  team_not_visible: (p) => say(`Nyckeln ser inte teamet ${p.team}`, "Se efter hur teamet stavas och att nyckeln hör dit."),
  name_taken: (p, vendor) => say(`${p.name} finns redan och är inte vårt`, `Döp om eller ta bort det hos ${vendor}, eller lägg till kunden på nytt med ett annat namn och en annan subdomän.${isAdoptable(vendor, p.name) ? " Är det kundens eget: ange det på kundens sida, under Redigera instansen för hand." : ""}`),
  vercel_app_missing: (p) => say(`Vercels GitHub-app saknas hos ${p.owner}, eller syns inte`, "Installera den på GitHub och försök igen. Finns den där saknar användaren bakom Vercel-nyckeln GitHub som inloggning (Vercel → Settings → Authentication)."),
  vercel_app_limited: (p) => say(`Vercels GitHub-app ser inte ${p.repository}`, "Låt appen se alla repon på GitHub och försök igen."),
  vercel_hobby: (p) => say(`${p.team === undefined ? "Det personliga Vercel-kontot bakom nyckeln" : `Vercel-teamet ${p.team}`} har abonnemanget Hobby`, `Det driftsätter inte privata repon hos en organisation (${p.owner}), och är bara för personligt, icke-kommersiellt bruk. Uppgradera till Pro hos Vercel och driftsätt något där på nytt (Redeploy): abonnemanget läses av den senaste driftsättningen. Eller låt en person äga repona.`),
  linked_elsewhere: (p) => say(`${p.name} är kopplat till ett annat repo än kundens`, "Ett repo som tagits bort och skapats på nytt är ett annat. Ta bort projektet hos Vercel, eller koppla det där till kundens repo (Settings, Git), och försök igen."),
  repository_public: (p, vendor) => say(`${p.repository} är publikt`, `Det som ska dit är hemligt. Gör repot privat i dess inställningar hos ${vendor} och försök igen.`),
  sender_unverified: (p) => say(`Avsändaren ${p.sender} är inte verifierad`, "Verifiera domänen hos Resend, eller byt avsändare."),

  project_of_another: (p) => say("Projektet är en annan kunds", `Supabase-projektet ${p.reference} hör till ${p.customer}. Ta bort det från den av dem som det inte hör till.`),
  project_paused: (p, vendor) => say("Projektet är pausat", `${vendor} har pausat ${p.name}. Väck det där (Restore project) och försök igen när det är igång.`),
  recovery_stands: (p, vendor) => say("Återställningen är i vägen för en mindre instans", `${p.name} hos ${vendor} har återställning till valfri tidpunkt (${p.recovery}), och planens instans (${p.size}) är för liten för den. Körningen stänger inte av den. Stäng av den där (Project Settings, Add-ons) och försök igen, eller välj en plan med instansen small eller större.`),
  project_failed: (p, vendor) => say("Projektet kom inte upp", `${vendor} gav upp med status ${p.status}. Kontrollera projektet där. Försök steget igen, eller starta en ny körning om den här är ångrad.`),
  schema_refused: (p, vendor) => say(`${vendor} tog inte emot schemat`, `Det stannade i filen ${p.file}. Filerna före den är inne.`),
  outside_touched: (p) => say("Mallen sträcker sig utanför kundens scheman", `${p.file} skapar eller ändrar ${names(p.what)}. Inget i filen har körts. Rätta mallen och starta en ny körning.`),
  schema_differs: (p) => say("Databasen har en annan version av schemat", `${p.file} lades in i en annan version. Lägg ändringen i en ny fil i mallen.`),
  table_missing: (p) => say("Tabeller saknas", `Schemat lovar ${names(p.tables)}, men de finns inte. Rätta mallen.`),
  row_security_missing: (p) => say("Tabeller saknar radsäkerhet", `Slå på den för ${names(p.tables)} i mallen.`),
  forbidden: (p) => say("Schemat har något som inte får finnas", `Ta bort ${names(p.names)} ur mallen.`),
  admin_proof_failed: (p) => say("Administratören kunde inte logga in", `${p.email} kom inte in eller såg inte sin egen rad. Se mallens regler.`),
  isolation_broken: (p) => say("Databasen är inte tät", `Rätta mallens regler: ${names(p.findings.map((finding) => BREACHES[finding.breach](finding.subject)))}.`),
  deployment_failed: (p, vendor) => say("Driftsättningen misslyckades", `${vendor} säger ${p.state}. Läs byggloggen där och rätta. Försök steget igen, eller starta en ny körning om den här är ångrad.`),
  domain_pending: (p) => say(`${p.domain} väntar på DNS`, p.records.length === 0 ? "Posterna har inte slagit igenom än. Fabrik kontrollerar dem igen av sig självt." : `Lägg in dem hos den som sköter domänen: ${names(p.records.map((record) => `${record.name} ${record.kind} ${record.value}`))}.`),
  workflow_not_published: (p) => say(`n8n vill inte köra ${p.workflow}`, "Rätta arbetsflödet i mallen eller i n8n, eller frigör webhookens sökväg, och återuppta sedan."),
  site_unreachable: (p) => say("Sajten svarar inte", `${p.url} gick inte att nå. Kontrollera domänen och försök igen.`),
  site_answers_error: (p) => say(`Sajten svarar med fel ${p.status}`, `Öppna ${p.url} och loggen hos Vercel.`),
  site_protected: (p) => say("Sajten kräver inloggning hos Vercel", `Stäng av skyddet för ${p.url} under projektets inställningar.`),
  mail_already_sent: () => say("Mejlet är redan skickat", "Ett mejl med samma nyckel men annan text har gått i väg. Inget mer skickas."),
  mail_under_way: () => say("Välkomstmejlet skickas just nu", "Vänta ett par minuter och se hur det gick."),
  no_welcome_mail: (p) => say("Inget välkomstmejl skickas", `Mallen ${p.blueprint} har inget sådant steg.`),
  instance_missing: (p) => say(`${p.customer} har ingen instans`, "Sätt upp kunden först."),

  unreachable: (p) => say(`${p.host} går inte att nå`, "Kontrollera nätverket och försök igen."),
  vendor_silent: (p, vendor, moment) => say(`${vendor} svarar inte som det ska`, `Det senaste anropet till ${p.host}, ${moment(p.at)}, misslyckades. Kontrollera nätverket och leverantörens statussida.`),
  timed_out: (p, vendor) => say(`${vendor} svarade inte i tid`, unanswered(p)),
  answer_lost: (p, vendor) => say(`Svaret från ${vendor} kom inte fram`, unanswered(p)),
  refused: (p, vendor) => say(`${vendor} nekade anropet`, `${p.operation} gav HTTP ${p.status}. Leverantörens svar förklarar varför.`),
  throttled: (p, vendor, moment) => say(`För många anrop till ${vendor}`, `${vendor} ber Fabrik vänta till ${moment(p.until)}. Sedan fortsätter det av sig självt.`),
  quota_exceeded: (p, vendor) => say(`Kvoten ${p.quota} är slut`, `Vänta eller höj abonnemanget hos ${vendor}, och återuppta sedan.`),
  vendor_failed: (p, vendor) => say(`${vendor} har ett internt fel`, `${p.operation} gav HTTP ${p.status}. Försök igen om en stund.`),
  answer_unreadable: (p, vendor) =>
    isOnOwnServer(p.provider)
      ? say(`Svaret från ${vendor} gick inte att förstå`, `Det gällde ${p.operation}. Kontrollera att adressen går till ${vendor}, och försök igen.`)
      : say(`Svaret från ${vendor} gick inte att förstå`, `Det gällde ${p.operation}. Försök igen; rapportera felet om det upprepas.`),

  run_unknown: () => say("Körningen finns inte", "Länken kan vara gammal."),
  run_active: () => say("Kunden har redan en körning som pågår", "Visa den, eller vänta tills den är klar."),
  run_owned: () => say("En annan process äger körningen", "Avbryt den där, eller vänta tills den är klar."),
  run_undoing: () => say("Körningen ångras redan", "Det som den har skapat kan inte behållas längre."),
  run_ended: () => say("Körningen är redan avslutad", "Starta en ny om något mer ska göras."),
  ambiguous: (p, vendor) =>
    p.candidates.length === 1
      ? say(`Det är osäkert om ${p.name} finns hos ${vendor}`, `Svaret på ett anrop kom inte fram, och bara du kan avgöra om det här är kundens.`)
      : say(`Flera hos ${vendor} kan vara ${p.name}`, `Svaret på ett anrop kom inte fram, och bara du kan avgöra vilken av dem som är kundens.`),
  nothing_to_decide: () => say("Det finns inget att besluta om där", "Frågan kan redan vara besvarad. Läs in sidan igen."),
  candidate_unknown: (p) => say(`${p.id} är ingen av dem som erbjöds`, `Välj bland ${names(p.candidates)}.`),
  deadline_passed: (p) => say("Körningen tog för lång tid", `En körning får ta ${p.minutes} min. Återuppta den, eller ångra allt.`),
  outcome_unknown: (p) => say(`Det är okänt om ${p.name} finns`, `Körning ${p.number} bad om det och fick inget svar. Återuppta eller ångra den, så letar den efter det.`),
  not_left_over: (p) => say(`${p.resource} finns inte längre bland det som är kvar`, "Ladda om körningen för att se vad som är kvar."),
  run_superseded: (p) => say("Körningen går inte att återuppta", `Körning ${p.number} har kommit efter den: bara kundens nyaste körning kan återupptas, och inget som den använder ångras. Från kundens sida kan du starta en ny, som går vidare med det som finns, eller ta bort hela instansen.`),
  run_succeeded: () => say("En körning som blev klar ångras inte", "Ta bort instansen i stället, från kundens sida."),
  nothing_to_roll_back: () => say("Körningen har inget kvar att ångra", "Den kan ha ångrats redan."),
  nothing_to_remove: (p) => say(`${p.customer} har inget som kan tas bort`, "Ingen körning har skapat något som finns kvar."),
  not_ours: (p, vendor) => say(`${p.name} saknar vår märkning`, `Därför lämnas det orört. Är det kundens, ta bort det hos ${vendor}.`),
  changed_since: (p, vendor) => say(`${p.name} har ändrats sedan Fabrik skrev det`, `Därför lämnas det som det är. Se efter hos ${vendor} om det behövs.`),
  was_there_before: (p, vendor) => say(`${p.name} fanns före körningen`, `Därför lämnas det. Behövs det inte, ta bort det hos ${vendor}.`),
  holds_data: (p) => say(`${p.name} lämnas i databasen`, "Körningen skapade inte databasen, och den kan ha fått innehåll sedan dess."),
  cannot_see: (p, vendor) => say(`Det går inte att se om ${p.name} är borta`, `Nyckeln ser inte så långt. Ge den behörigheten hos ${vendor} och försök ta bort igen.`),
  lies_in_leftover: (p) => say(`Det ligger i ${p.name}, som inte kunde tas bort`, `Det försvinner när ${p.name} är borta.`),
  undo_took_too_long: (p, vendor) => say(`${vendor} släppte inte ${p.name}`, `Det försöktes i ${p.minutes} min. Försök ta bort igen om en stund.`),
  used_by_later_run: (p) => say(`${p.name} används av körning ${p.number}`, "Därför lämnas det orört. Ta bort hela instansen om det inte ska finnas."),
  not_ready_yet: (p) => say(`${p.name} är inte klar än`, `Det har tagit mer än ${p.ceiling} s. Körningen väntar och kan återupptas.`),
  step_changed: (p) => say(`Steget ${p.step} har ändrats`, "Körningen började med en annan version. Slutför den med versionen som startade den, eller avbryt och behåll, och provisionera igen."),
  lease_lost: () => say("En annan process tog över körningen", "Det här fönstret följer den bara."),

  database_busy: () => say("Databasen är upptagen", "En annan process använder den. Försök igen om en stund."),
  database_read_only: () => say("Databasen går inte att skriva i", "Kontrollera rättigheterna till datakatalogen."),
  database_unreadable: () => say("Databasen får inte läsas", "Kontrollera vem som äger databasfilen och datakatalogen, och deras rättigheter."),
  database_newer: (p) => say("Databasen skapades av en nyare version", `Den har version ${p.found}, den här versionen kan ${p.known}. Uppdatera Fabrik.`),
  database_url_invalid: () => say("Adressen till databasen går inte att använda", "Den ska se ut så här: postgres://användare@server/databas"),
  database_unreachable: (p) => say("Databasservern svarar inte", `Kontrollera nätet och att ${p.server} är i gång. Inget har gått förlorat.`),
  database_certificate: (p) => say("Databasserverns certifikat går inte att lita på", `Har ${p.server} en egen utfärdare: lägg till ?sslrootcert=FIL i adressen.`),
  database_login_refused: (p) => say(`Databasservern släpper inte in ${p.user}`, `Ange lösenordet till ${p.server} på nytt.`),
  database_unknown: (p) => say("Databasen finns inte", `${p.server} har ingen med det namnet. Skapa den, eller rätta namnet.`),
  database_rights_missing: (p) => say(`${p.user} saknar rättigheter i databasen`, `Låt databasens ägare köra: CREATE SCHEMA fabrik AUTHORIZATION ${p.user}. Finns schemat redan: anslut som dess ägare, eller låt ägaren köra GRANT USAGE ON SCHEMA fabrik TO ${p.user} och GRANT ALL på dess tabeller och sekvenser.`),
  database_server_read_only: (p) => say("Databasservern tar inte emot ändringar", `${p.server} är en kopia av en annan server, eller stängd för ändringar. Ange huvudserverns adress.`),
  database_not_empty: (p) => say("Det finns redan uppgifter där", `Flytta till en tom databas, eller anslut till ${p.place} som den är.`),
  database_move_unlike: (p) => say("Det som kom fram är inte det som skickades", `Tabellen ${p.table} skiljer sig. Inget har ändrats; försök igen när inget annat program använder databasen.`),
  database_only_there: (p) => say("Uppgifterna finns bara på servern", `De flyttades till ${p.place}. När den svarar igen hämtar du dem med fabrik settings set database local.`),
  database_left: () => say("Uppgifterna finns på ett annat ställe nu", "Avsluta Fabrik och starta igen. Inget har gått förlorat."),
  audit_altered: (p) => say("Loggen har ändrats", `Posterna efter ${p.after} till och med ${p.through} är inte vad de var. Lägg undan en kopia av databasen; en äldre säkerhetskopia visar vad som stod där.`),
  audit_cut: (p) => say("Loggen har kortats av", `Den gick till minst post ${p.through}. Är databasen en återställd kopia är det väntat; annars har poster tagits bort ur den.`),
  audit_unanchored: () => say("Den här datorn har inget att jämföra loggen med", "Loggen förankras när en körning slutar och nyckelringen är öppen."),
  import_stopped: () => say("Importen avbröts", "Inget av den är kvar."),
  source_absent: () => say("Ingen egen kundtabell är ansluten", "Anslut den med fabrik source connect."),
  source_login_refused: (p) => say(`Kundtabellens server släpper inte in ${p.user}`, `Ange lösenordet till ${p.server} på nytt.`),
  source_rights_missing: (p) => say(`${p.user} saknar rättigheter i kundtabellens databas`, "Låt databasens ägare köra GRANT SELECT på tabellen, och GRANT UPDATE på kolumnerna som resultat skrivs till. Tabellens schema behöver GRANT USAGE."),
  source_read_only: (p) => say("Kundtabellens server tar inte emot ändringar", `${p.server} är en kopia av en annan server, eller stängd för ändringar. Öppna den, eller anslut tabellen på huvudservern: då skrivs resultatet. Tabellen läses som vanligt.`),
  source_table_missing: (p) => say(`Tabellen ${p.table} finns inte`, "Eller så får den inte läsas: ge användaren rätt till den (GRANT SELECT)."),
  source_rows_hidden: (p) => say(`Radsäkerhet döljer raderna i ${p.table}`, `Låt tabellens ägare ge rollen en policy: CREATE POLICY fabrik ON ${p.table} TO ${p.user} USING (true). Eller, som superanvändare: ALTER ROLE ${p.user} BYPASSRLS.`),
  source_rows_kept_back: (p) => say(`Radsäkerhet kan dölja rader i ${p.table}`, `En rad som inte syns räknas inte som borttagen. Visa alla: CREATE POLICY fabrik ON ${p.table} TO ${p.user} USING (true). Eller, som superanvändare: ALTER ROLE ${p.user} BYPASSRLS.`),
  source_column_missing: (p) => say(`${p.table} har ingen kolumn ${p.column}`, `Välj en annan för ”${held(p.field)}”.`),
  source_column_unfit: (p) => say(`Kolumnen ${p.column} är av fel typ`, `Den är ${p.found} och kan inte vara ”${held(p.field)}”. Välj en annan.`),
  source_column_locked: (p) => say(`Kolumnen ${p.column} går inte att skriva`, `Ge användaren rätt till den i ${p.table} (GRANT UPDATE), eller skriv till tabellen bakom vyn.`),
  source_field_unmapped: (p) => say(`Ingen kolumn är vald för ”${held(p.field)}”`, "Varje kund måste ha det."),
  source_results_nowhere: (p) => say(`Inget av ett resultat skulle skrivas till ${p.table}`, "Välj en kolumn som får skrivas, och för en status dess ord. Får inget skrivas där: ge användaren rätt till det (GRANT UPDATE), eller välj inga kolumner."),
  source_key_repeated: (p) => say("Flera rader har samma id", `${p.column} är ${p.value} i mer än en. Välj en kolumn där varje kund har ett eget värde.`),
  source_key_astray: (p) => say(`${p.column} är inte kundens id`, `I ${p.table} leder ${p.value} till en annan kunds rad, eller ingen. Välj kolumnen som har kundens id där.`),
  source_row_missing: (p) => say(`${p.table} har ingen rad för resultatet`, `Ingen har ${p.column} = ${p.value}. Resultatet skrivs när raden finns. Välj en annan kolumn att hitta rader med, eller töm kundens externa id om raden är borta för gott.`),
  source_id_taken: (p) => say(`${p.customer} har redan id ${p.id}`, "Och kommer inte från tabellen. Är det samma kund? Ge båda samma e-postadress eller subdomän. Ändra annars kundens externa id."),
  source_followed: (p) => say(`Det här hämtas från ${p.table}`, `Ändra ${field(p.field)} där: inom en minut är det här. Eller utelämna fältet när du ansluter tabellen.`),
  source_word_refused: (p) => say(`Kolumnen ${p.column} kan inte vara ${p.word}`, "Ange tabellens eget ord för läget."),
  source_refused: (p) => say(`${p.table} tar inte emot resultatet`, "Databasens svar förklarar varför. Det skrivs när hindret är borta."),
  database_damaged: () => say("Databasen är skadad", "Gå tillbaka till en av de dagliga kopiorna under Om Fabrik."),
  disk_full: () => say("Disken är full", "Frigör utrymme och försök igen."),
  database_failed: () => say("Databasen svarade med ett fel", "Försök igen; rapportera felet om det upprepas."),

  keyring_missing: (p) =>
    p.variable !== undefined
      ? say("Det finns ingen sessionsbuss", `En nyckelring nås genom den, och ${p.variable} saknas eller leder ingenstans. Logga in på skrivbordet, eller starta Fabrik med dbus-run-session.`)
      : p.service === undefined
      ? say("Datorn har ingen nyckelring", "Installera en, till exempel gnome-keyring, och starta om Fabrik.")
      : say("Det finns ingen standardnyckelring", `${p.service} finns. Skapa en standardnyckelring där.`),
  keyring_locked: () => say("Nyckelringen är låst", "Lås upp den och försök igen."),
  keyring_timed_out: () => say("Nyckelringen svarade inte", "Den kan vänta på ett lösenord i ett annat fönster."),
  keyring_failed: () => say("Nyckelringen svarade med ett fel", "Diagnosen under Om Fabrik visar mer."),
  secret_missing: (p) =>
    p.variable === undefined
      ? say("En hemlighet finns inte längre", `${p.reference} är borta ur nyckelringen. Ange den igen.`)
      : say(
          "Den här datorn har inte databasens adress",
          `Skriv ${p.variable}=ADRESS i en .env-fil, och importera den under Nycklar. Datorn som skapade databasen har adressen i sin nyckelring, som ${p.reference}. Har ingen den: ge databasen ett nytt lösenord hos Supabase, och ta adressen därifrån.`,
        ),
  secret_too_long: () => say("Nyckeln är för lång", "Se efter att bara nyckeln är inklistrad."),
  sandbox_keeps_no_secrets: () => say("Sandlådan tar inte emot riktiga nycklar", "Välj en skarp arbetsyta under Arbetsytor."),
  sandbox_token_refused: (p) => say("Sandlådans nyckel stannar här", `Den skickas inte till ${p.host}. Välj en skarp arbetsyta under Arbetsytor.`),
  sandbox_refused: ({ why }) => say(`Sandlådan går inte att starta så: ${why}`, "Vad som kan anges: fabrik sandbox serve --help"),
  sandbox_failed: () => say("Sandlådan svarar inte", "Fabrik försöker igen av sig självt. Diagnosen under Om Fabrik visar varför."),
  data_directory_unusable: (p) => say("Datakatalogen går inte att använda", `Kontrollera rättigheterna till ${p.path}.`),
  file_unwritable: (p) => say("Filen gick inte att spara", `Kontrollera rättigheterna och utrymmet där ${p.file} skulle ligga.`),
  nothing_opens: (p) => say("Datorn har inget som öppnar det", `Öppna det för hand: ${p.what}`),
  program_missing: (p) => say("En del av Fabrik saknas", `Programmet ${p.program} ska ligga bredvid appen. Installera om Fabrik.`),
  blueprint_unchecked: (p) => say(`${p.blueprint} kunde inte kontrolleras`, "Det säger inget om mallen. Försök igen."),
  update_failed: (p) => UPDATE_FAULTS[p.fault],
  internal: () => say("Ett fel i Fabrik", "Kopiera felet och rapportera det. Inget har gått förlorat."),
};
