//! The help of the inbox's commands in Swedish.

/// As those of the others.
pub(super) const SWEDISH: &[(&str, &str)] = &[
    ("requests", "Inkorgen: vilka som vill bli kunder"),
    (
        "requests list",
        "Listar dem: de oavgjorda före de avgjorda, av vardera de nyaste först",
    ),
    (
        "requests list/state",
        "Bara de i det här läget; `all` är alla",
    ),
    ("requests list/limit", "Högst så många; 0 är alla"),
    ("requests list/offset", "Hoppar över så många"),
    ("requests show", "Visar en"),
    ("/request", REQUEST),
    ("requests add", "Lägger till en som kom in på annat sätt"),
    ("requests add/name", "Kundens namn"),
    ("requests add/email", "Administratörens adress"),
    (
        "requests add/subdomain",
        "Den önskade subdomänen; annars en som är ledig",
    ),
    ("requests add/contact_name", "Administratörens namn"),
    ("requests add/blueprint", "Mallen; kan väljas senare"),
    ("requests add/plan", "En av dess planer; kan väljas senare"),
    (
        "requests add/modules",
        "En modul som slås på; kan anges flera gånger",
    ),
    ("requests add/language", "Kundens språk"),
    ("requests add/message", "Det avsändaren skrev"),
    (
        "requests edit",
        "Ändrar vad en öppen gäller; det som inte anges blir som det är",
    ),
    ("requests edit/name", "Kundens namn"),
    ("requests edit/email", "Administratörens adress"),
    ("requests edit/subdomain", "Den önskade subdomänen"),
    ("requests edit/contact_name", "Administratörens namn"),
    ("requests edit/blueprint", "Mallen"),
    ("requests edit/plan", "En av dess planer"),
    (
        "requests edit/modules",
        "Modulerna som är på, i stället för de tidigare; en tom stänger av alla",
    ),
    ("requests edit/language", "Kundens språk"),
    (
        "requests review",
        "Vad som skulle göras för kunden, och om namnen är lediga; gör inget",
    ),
    (
        "requests review/subdomain",
        "En annan subdomän än den önskade",
    ),
    (
        "requests approve",
        "Lägger till kunden och sätter upp den; varje förfrågan en gång, vem som än godkänner",
    ),
    (
        "requests approve/subdomain",
        "En annan subdomän än den önskade",
    ),
    (
        "requests approve/on_failure",
        "Vad som görs när ett steg misslyckas för gott: ångra det körningen gjort, eller behålla det; annars ångras körningen",
    ),
    ("requests approve/yes", "Frågar inget"),
    ("requests reject", "Säger nej till en"),
    ("requests reject/reason", "Varför"),
    (
        "requests archive",
        "Lägger undan en oavgjord, även en uppsagd prenumeration; ingen får veta det",
    ),
    ("requests restore", "Öppnar en igen som lagts undan"),
    (
        "requests settle",
        "Avslutar en uppsagd prenumeration; `fabrik deprovision` gör det genom att ta bort instansen",
    ),
    (
        "requests settle/pause",
        "Markerar kunden som pausad; annars blir den som den är",
    ),
    ("stripe", "Vilka som prenumererar, enligt Stripe"),
    (
        "stripe poll",
        "Läser vad som hänt sedan sist; det som ska godkännas direkt sätts upp",
    ),
];

const REQUEST: &str = "Förfrågan, efter id; en oavgjord även efter subdomän eller e-post";
