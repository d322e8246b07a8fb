//! What the organisation has from the start: a template for customers' sites, a repository that is
//! none, and one that customers share.

use serde_json::{Value, json};

use super::{
    objects::{self, Message, Tree},
    repositories::complete,
    repository::{Repository, by_full_name, by_id, next_id},
};
use crate::{
    environment::{OWNER, SHARED, TEMPLATE},
    error::SandboxError,
    platform::Core,
};

/// The repository that is not marked as a template.
const NO_TEMPLATE: &str = "website";

const README: &str = "# Customer site\n\nMade from the agency's template. `client-config.json` holds \
what is the customer's own; the rest is shared.\n";
const PACKAGE: &str = r#"{
  "name": "customer-site",
  "private": true,
  "scripts": { "dev": "next dev", "build": "next build", "start": "next start" },
  "dependencies": { "@supabase/supabase-js": "^2", "next": "^16", "react": "^19", "react-dom": "^19" }
}
"#;
const LAYOUT: &str = r#"import config from "../client-config.json";

export const metadata = { title: config.name };

export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang={config.language ?? "en"}>
      <body>{children}</body>
    </html>
  );
}
"#;
const HOME: &str = r#"import config from "../client-config.json";

export default function Home() {
  return <h1>{config.name}</h1>;
}
"#;

const SHARED_HOME: &str = r"export default function Home() {
  return <h1>{process.env.AGENCY_NAME}</h1>;
}
";

/// Makes them where they are not there.
pub(crate) fn seed(core: &Core) -> Result<(), SandboxError> {
    if by_id(core, 500_003)?.is_none() {
        let app = [
            (
                "README.md",
                "# App\n\nOne for all customers; each has variables of its own.\n",
            ),
            ("package.json", PACKAGE),
            ("app/page.tsx", SHARED_HOME),
        ];
        make(
            core,
            500_003,
            SHARED,
            "The app that customers share",
            false,
            &app,
        )?;
    }
    if by_id(core, 500_001)?.is_some() || by_id(core, 500_002)?.is_some() {
        return Ok(());
    }
    let site = [
        ("README.md", README),
        ("package.json", PACKAGE),
        ("app/layout.tsx", LAYOUT),
        ("app/page.tsx", HOME),
    ];
    make(
        core,
        500_001,
        TEMPLATE,
        "The site that customers get",
        true,
        &site,
    )?;
    make(
        core,
        500_002,
        NO_TEMPLATE,
        "The agency's own site",
        false,
        &[("README.md", "# Website\n")],
    )
}

/// A repository that somebody else made, with one file in it.
pub(crate) fn put_foreign(
    core: &Core,
    name: &str,
    description: &str,
) -> Result<Value, SandboxError> {
    if by_full_name(core, OWNER, name)?.is_some() {
        return Err(SandboxError::Invalid(format!(
            "a repository is called {name}"
        )));
    }
    let id = next_id(core)?;
    make(
        core,
        id,
        name,
        description,
        false,
        &[("README.md", "# Somebody's\n")],
    )?;
    Ok(json!({ "id": id, "full_name": format!("{OWNER}/{name}") }))
}

fn make(
    core: &Core,
    id: u64,
    name: &str,
    description: &str,
    is_template: bool,
    files: &[(&str, &str)],
) -> Result<(), SandboxError> {
    let now = core.now();
    let repository = Repository {
        id,
        owner: OWNER.to_owned(),
        name: name.to_owned(),
        description: Some(description.to_owned()),
        private: true,
        is_template,
        archived: false,
        default_branch: "main".to_owned(),
        created_at: now,
        updated_at: now,
        pushed_at: now,
        template: None,
        content: complete(core),
    };
    let mut tree = Tree::new();
    for (path, content) in files {
        let entry = objects::put_blob(core, &repository, content.as_bytes())?;
        tree.insert((*path).to_owned(), entry);
    }
    let tree = objects::put_tree(core, &repository, &tree)?;
    let message = Message {
        text: "First version",
        author_name: "Sandbox Owner",
        author_email: "owner@sandbox-agency.example",
    };
    let commit = objects::put_commit(core, &repository, &tree, Vec::new(), &message)?;
    objects::set_head(core, &repository, "main", &commit.sha)?;
    repository.save(core)
}
