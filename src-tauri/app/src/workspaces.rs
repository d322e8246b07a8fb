//! The workspaces of a data directory. One is open at a time: another is chosen for the next start.

use fabrik_domain::Problem;
use fabrik_store::Topic;
use serde_json::json;

use crate::{
    App,
    data_dir::{DataDir, check_workspace},
    views::{WorkspaceView, Workspaces},
};

/// The variable that decides, where it is set.
const VARIABLE: &str = "FABRIK_WORKSPACE";

impl App {
    /// See the table of commands.
    pub async fn workspaces_list(&self) -> Result<Workspaces, Problem> {
        let fixed = self.environment.get(VARIABLE);
        let next = fixed.map_or_else(|| self.data_dir.last_workspace(), ToOwned::to_owned);
        let workspaces = self
            .data_dir
            .workspaces()
            .into_iter()
            .map(|name| WorkspaceView {
                open: name == self.workspace,
                next: name == next,
                sandbox: name == crate::SANDBOX,
                name,
            })
            .collect();
        Ok(Workspaces {
            workspaces,
            fixed_by: fixed.map(|_| VARIABLE.to_owned()),
            data_directory: self.data_dir.path().display().to_string(),
            database: self.place.to_string(),
        })
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

#[cfg(test)]
mod tests {
    use crate::testing;

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
