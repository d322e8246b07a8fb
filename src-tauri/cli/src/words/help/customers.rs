//! The help of `fabrik customers` in Swedish.

/// As in the file above.
pub(super) const SWEDISH: &[(&str, &str)] = &[
    ("customers", "Byråns kunder"),
    ("customers list", "Listar dem efter namn"),
    (
        "customers list/search",
        "Ord i namn, subdomän, e-post eller externt id",
    ),
    ("customers list/status", "Bara de som har denna status"),
    ("customers list/plan", "Bara de som har denna plan"),
    ("customers list/limit", "Högst så många; 0 är alla"),
    ("customers list/offset", "Hoppar över så många"),
    ("customers add", "Lägger till en"),
    ("customers add/name", "Namnet"),
    (
        "customers add/subdomain",
        "Subdomänen, till exempel `akermark`",
    ),
    ("customers add/email", "Vem som får mejlen"),
    (
        "customers add/blueprint",
        "Vad kunden får; se `fabrik blueprints list`",
    ),
    ("customers add/plan", "Mallens plan"),
    (
        "customers add/modules",
        "En modul som slås på; kan anges flera gånger",
    ),
    ("customers add/contact_name", "Kontaktens namn"),
    ("customers add/language", "Kundens språk"),
    ("customers add/credits", "Krediter till att börja med"),
    ("customers add/external_id", "Id:t i ett äldre system"),
    ("customers show", "Visar en, med dess instans"),
    ("customers show/customer", "Kunden, efter id eller subdomän"),
    ("customers edit", "Ändrar en"),
    ("customers edit/customer", "Kunden, efter id eller subdomän"),
    ("customers edit/name", "Namnet; kortnamnet blir kvar"),
    ("customers edit/subdomain", "Subdomänen"),
    ("customers edit/email", "Vem som får mejlen"),
    ("customers edit/contact_name", "Kontaktens namn"),
    ("customers edit/status", "Statusen"),
    ("customers edit/plan", "Planen"),
    ("customers edit/blueprint", "Mallen"),
    ("customers edit/language", "Kundens språk"),
    ("customers edit/credits", "Krediter"),
    (
        "customers edit/modules",
        "Modulerna som är på, i stället för de tidigare; en tom stänger av alla",
    ),
    ("customers edit/external_id", "Id:t i ett äldre system"),
    ("customers edit/production_url", "Var instansen svarar"),
    ("customers edit/github_repo_url", "Repot"),
    (
        "customers edit/supabase_project_ref",
        "Supabase-projektets referens",
    ),
    (
        "customers remove",
        "Tar bort posten för en som inte har någon instans",
    ),
    (
        "customers remove/customer",
        "Kunden, efter id eller subdomän",
    ),
    (
        "customers remove/confirm",
        "Kundens subdomän, utskriven; då frågas inget",
    ),
    ("customers remove/yes", "Frågar inget"),
    (
        "customers import",
        "Lägger till många, från CSV, JSON eller en äldre customer-config.json",
    ),
    ("customers import/file", "Filen; `-` är standard in"),
    ("customers import/dry_run", "Visar vad som skulle göras"),
    (
        "customers import/blueprint",
        "Mallen för rader som inte anger någon",
    ),
    (
        "customers import/plan",
        "Planen för rader som inte anger någon",
    ),
    (
        "customers import-members",
        "Lägger till medlemmar i en kunds instans, från CSV; den som redan finns ändras inte",
    ),
    (
        "customers import-members/customer",
        "Kunden, efter id eller subdomän",
    ),
    ("customers import-members/file", "Filen; `-` är standard in"),
    (
        "customers import-members/dry_run",
        "Visar vad som skulle göras",
    ),
    (
        "customers export",
        "Skriver ut alla, som en fil som kan importeras",
    ),
    ("customers export/format", "Formatet; JSON med --json"),
];
