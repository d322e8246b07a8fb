//! The workspaces of a data directory. One is open at a time: another is chosen for the next start.

use fabrik_domain::Problem;
use fabrik_store::Topic;
use serde_json::json;

use crate::{
    App, Environment, Options,
    central::Place,
    data_dir::{DataDir, check_workspace},
    views::{WorkspaceView, Workspaces},
};

/// The variable that decides, where it is set.
const VARIABLE: &str = "FABRIK_WORKSPACE";

impl App {
    /// See the table of commands.
    pub async fn workspaces_list(&self) -> Result<Workspaces, Problem> {
        Ok(list(
            &self.data_dir,
            &self.environment,
            Some(&self.workspace),
            self.place.to_string(),
        ))
    }

    /// See the table of commands.
    pub async fn workspace_choose(&self, name: String) -> Result<Workspaces, Problem> {
        let name = name.trim();
        check_workspace(name)?;
        DataDir::open(&self.data_dir.workspace(name))?;
        self.data_dir.remember_workspace(name)?;
        let audit = self.audit("workspace.chosen", json!({ "workspace": name }));
        self.store.audit(audit).await?;
        self.store.announce(Topic::Settings, "workspace").await?;
        self.workspaces_list().await
    }
}

/// The workspaces there are, where the one that was asked for can't be opened: another can.
///
/// # Errors
/// The data directory is none, or the workspace's name.
pub fn workspaces_unopened(options: &Options) -> Result<Workspaces, Problem> {
    let (data_dir, workspace) = options.place()?;
    let database = match Place::of(&data_dir, &workspace) {
        Ok(place) => place.to_string(),
        Err(_) => data_dir.central(&workspace).display().to_string(),
    };
    Ok(list(&data_dir, &options.environment, None, database))
}

fn list(
    data_dir: &DataDir,
    environment: &Environment,
    open: Option<&str>,
    database: String,
) -> Workspaces {
    let fixed = environment.get(VARIABLE);
    let next = fixed.map_or_else(|| data_dir.last_workspace(), ToOwned::to_owned);
    let workspaces = data_dir
        .workspaces()
        .into_iter()
        .map(|name| WorkspaceView {
            open: open == Some(&*name),
            next: name == next,
            sandbox: name == crate::SANDBOX,
            name,
        })
        .collect();
    Workspaces {
        workspaces,
        fixed_by: fixed.map(|_| VARIABLE.to_owned()),
        data_directory: data_dir.path().display().to_string(),
        database,
    }
}

#[cfg(test)]
mod tests {
    use super::workspaces_unopened;
    use crate::{Environment, Options, testing};

    #[tokio::test]
    async fn they_are_listed_where_the_one_asked_for_cannot_be_opened() {
        let (folder, app) = testing::app().await;
        app.workspace_choose("production".into()).await.unwrap();
        let central = folder.path().join("data/production/database.json");
        std::fs::write(central, "no place").unwrap();
        let options = Options {
            environment: Environment::default(),
            data_dir: Some(folder.path().join("data")),
            workspace: None,
            browser: None,
        };
        let list = workspaces_unopened(&options).unwrap();
        let names: Vec<_> = list
            .workspaces
            .iter()
            .map(|one| (&*one.name, one.open, one.next))
            .collect();
        assert_eq!(
            names,
            [
                ("sandbox", false, false),
                ("production", false, true),
                ("test", false, false)
            ]
        );
    }

    #[tokio::test]
    async fn another_workspace_is_chosen_for_the_next_start() {
        let (folder, app) = testing::app().await;
        let marked = |list: &crate::views::Workspaces| {
            let of = |wanted: &dyn Fn(&crate::views::WorkspaceView) -> bool| {
                let found = list.workspaces.iter().find(|one| wanted(one));
                found.map(|one| one.name.clone()).unwrap_or_default()
            };
            (of(&|one| one.open), of(&|one| one.next))
        };
        let before = app.workspaces_list().await.unwrap();
        assert_eq!(marked(&before), ("test".into(), "test".into()));
        let names: Vec<_> = before.workspaces.iter().map(|one| &*one.name).collect();
        assert_eq!(names, ["sandbox", "test"], "the logs are none");
        let after = app.workspace_choose(" production ".into()).await.unwrap();
        assert_eq!(marked(&after), ("test".into(), "production".into()));
        let dir = crate::DataDir::open(&folder.path().join("data")).unwrap();
        assert_eq!(dir.last_workspace(), "production", "for the next start");
        for name in ["", "../x", "logs", "Åker"] {
            let refused = app.workspace_choose(name.to_owned()).await;
            assert!(refused.is_err(), "{name:?} is no workspace");
        }
    }

    #[tokio::test]
    async fn a_variable_decides_and_is_named() {
        let (_folder, app) = testing::app_with(&[("FABRIK_WORKSPACE", "agency")]).await;
        let list = app.workspaces_list().await.unwrap();
        assert_eq!(list.fixed_by.as_deref(), Some("FABRIK_WORKSPACE"));
    }
}
