//! Looking at a table before it is connected: which there are, what one proposes, what is wrong with a mapping, and ten
//! rows as customers.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::{NewCustomer, slug_of},
    mapping::{Mapping, Relation, SourceField},
};
use fabrik_store::{Source, SourceColumn, SourceRow};

use super::presets::{Preset, proposed, redirect};
use crate::{
    App,
    entered::EnteredSecret,
    import::row_of,
    views::{SourceColumnView, SourceLook, SourcePreview, SourceRowView, SourceView},
};

/// How many rows are shown.
const SHOWN: u32 = 10;

impl App {
    /// See the table of commands. Without a table the first that a preset knows is taken, without a preset the one that
    /// knows the table.
    pub async fn source_look(
        &self,
        url: Option<EnteredSecret>,
        password: Option<EnteredSecret>,
        preset: Option<Preset>,
        table: Option<Relation>,
    ) -> Result<SourceLook, Problem> {
        let source = Source::at(self.typed_address(url, password).await?);
        let tables = source.tables().await?;
        let named = |name: &str| tables.iter().find(|table| table.name == name).cloned();
        let preset = preset.or_else(|| match &table {
            Some(table) => Preset::of_tables(|name| table.name == name),
            // Somebody who names none may have one of the systems.
            None => Preset::of_tables(|name| named(name).is_some()),
        });
        let known = preset.map(Preset::tables);
        let table = table.or_else(|| known?.0.iter().find_map(|name| named(name)));
        let Some(table) = table else {
            return Ok(SourceLook {
                tables,
                preset,
                columns: Vec::new(),
                written: Vec::new(),
                mapping: None,
            });
        };
        let read = source.columns(&table).await?;
        // Beside the table first: another schema may have one of that name.
        let beside = |name: &str| {
            let mut found = tables.iter().filter(|found| found.name == name);
            let same = found.clone().find(|found| found.schema == table.schema);
            same.or_else(|| found.next()).cloned()
        };
        let target = known
            .and_then(|(_, target)| beside(target))
            .unwrap_or_else(|| table.clone());
        let written = if target == table {
            read.clone()
        } else {
            source.columns(&target).await?
        };
        let mapping = proposed(preset, table, &read, Some((target, &written)));
        Ok(SourceLook {
            tables,
            preset,
            columns: shown(read),
            written: shown(written),
            mapping: Some(self.with_blueprint(mapping)),
        })
    }

    /// See the table of commands. Without a preset the one that knows the table that is read.
    pub async fn source_results_to(
        &self,
        url: Option<EnteredSecret>,
        password: Option<EnteredSecret>,
        preset: Option<Preset>,
        mut mapping: Mapping,
        table: Relation,
    ) -> Result<Mapping, Problem> {
        let source = Source::at(self.typed_address(url, password).await?);
        let written = source.columns(&table).await?;
        let preset = preset.or_else(|| Preset::of_tables(|name| mapping.table.name == name));
        redirect(&mut mapping, preset, table, &written);
        Ok(mapping)
    }

    /// The same as [`source_get`](Self::source_get) in a process that has written nothing there: where something is still
    /// to be written, the table is asked what is wrong with the mapping by now.
    pub async fn source_judged(&self) -> Result<SourceView, Problem> {
        let mut view = self.source_get().await?;
        if let Some(connected) = &mut view.connected
            && connected.untold > 0
            && connected.problem.is_none()
        {
            let judged = async {
                let kept = self.connected_source().await?;
                let source = self.way_to(&kept).await?;
                source.judge_connected(&kept.mapping).await
            };
            connected.problem = match judged.await {
                Ok(problems) => problems.into_iter().next(),
                Err(problem) => Some(problem),
            };
        }
        Ok(view)
    }

    /// The mapping, with a blueprint that is there: a system's own may not have been made yet.
    fn with_blueprint(&self, mut mapping: Mapping) -> Mapping {
        let there = |name: &String| self.blueprint(name).is_ok();
        mapping.blueprint = mapping.blueprint.filter(there);
        mapping
    }

    /// See the table of commands.
    pub async fn source_preview(
        &self,
        url: Option<EnteredSecret>,
        password: Option<EnteredSecret>,
        mapping: Mapping,
    ) -> Result<SourcePreview, Problem> {
        let source = Source::at(self.typed_address(url, password).await?);
        let problems = source.judge(&mapping).await?;
        // Rows of which no id is known are of no use to anybody.
        let rows = if problems.is_empty() {
            source.rows(&mapping, Some(SHOWN)).await?
        } else {
            Vec::new()
        };
        let kept_back = if problems.is_empty() {
            kept_back(&source, &mapping).await?.1
        } else {
            None
        };
        let blueprints = self.all_blueprints();
        let language = self.owner_language().await?;
        let mut taken = Taken::default();
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(place, row)| {
                let key = key_of(&row);
                let name = row.get(&SourceField::Name).cloned().unwrap_or_default();
                let Some(row) = row_of(place as u64 + 1, row, &mapping) else {
                    return SourceRowView {
                        key,
                        name,
                        customer: None,
                        asks: false,
                        problems: Vec::new(),
                    };
                };
                let (new, _, mut problems) = self.judged(&row, &blueprints, language);
                // Who asks takes nothing yet.
                if problems.is_empty() && !row.asks {
                    problems.extend(taken.meet(&new));
                }
                SourceRowView {
                    key,
                    name,
                    customer: problems.is_empty().then_some(new),
                    asks: row.asks,
                    problems,
                }
            })
            .collect();
        Ok(SourcePreview {
            problems,
            kept_back,
            rows,
        })
    }
}

/// Whether a policy may keep rows back of the table that is read, and what is said of that, or of the table that results
/// go to.
pub(super) async fn kept_back(
    source: &Source,
    mapping: &Mapping,
) -> Result<(bool, Option<Problem>), Problem> {
    let of_read = source.kept_back(&mapping.table).await?;
    match (&of_read, &mapping.results) {
        (None, Some(results)) => Ok((false, source.kept_back(&results.table).await?)),
        _ => Ok((of_read.is_some(), of_read)),
    }
}

/// The subdomains and short names of the rows so far, each with the customer's name: only one of those who share it can
/// have it.
#[derive(Default)]
struct Taken {
    subdomains: BTreeMap<String, String>,
    slugs: BTreeMap<String, String>,
}

impl Taken {
    /// What a row before this one has; else remembers what this one has.
    fn meet(&mut self, new: &NewCustomer) -> Option<Problem> {
        let subdomain = new.subdomain.clone();
        if let Some(customer) = self.subdomains.get(&subdomain).cloned() {
            let cause = Cause::SubdomainTaken {
                subdomain,
                customer,
            };
            return Some(cause.into());
        }
        let slug = slug_of(&new.name);
        if let Some(customer) = self.slugs.get(&slug).cloned() {
            return Some(Cause::SlugTaken { slug, customer }.into());
        }
        self.subdomains.insert(subdomain, new.name.clone());
        self.slugs.insert(slug, new.name.clone());
        None
    }
}

fn shown(columns: Vec<SourceColumn>) -> Vec<SourceColumnView> {
    let columns = columns.into_iter().map(|column| SourceColumnView {
        name: column.name,
        kind: column.kind,
    });
    columns.collect()
}

pub(super) fn key_of(row: &SourceRow) -> String {
    row.get(&SourceField::ExternalId)
        .cloned()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn of_two_rows_that_want_the_same_the_first_has_it() {
        let customer = |name: &str, subdomain: &str| NewCustomer {
            name: name.to_owned(),
            subdomain: subdomain.to_owned(),
            ..testing::new_customer()
        };
        let mut taken = Taken::default();
        let told = [
            customer("Åkermark", "akermark"),
            customer("Åkermark", "akermark-2"),
            customer("Bo", "akermark"),
            customer("Bo", "bo"),
        ]
        .map(|new| taken.meet(&new).map(|problem| problem.code()));
        let told: Vec<_> = told.iter().map(Option::as_deref).collect();
        assert_eq!(
            told,
            [None, Some("slug_taken"), Some("subdomain_taken"), None]
        );
    }
}
