//! One call of the program: its language, its way of answering, and how the workspace is opened.

use std::{path::PathBuf, sync::Arc};

use fabrik_app::{App, Environment, Options};
use fabrik_domain::{Cause, Problem, customer::Customer, language::Language, run::Run};
use serde::Serialize;
use serde_json::Value;

use crate::{
    arguments::Globals,
    exit::Exit,
    output::{Output, bad, error_line},
    words,
};

/// A call of the program.
pub(crate) struct Session {
    /// Where answers go.
    pub(crate) output: Output,
    /// The language of everything that is said.
    pub(crate) language: Language,
    /// Answers are JSON documents.
    pub(crate) json: bool,
    /// No progress.
    pub(crate) quiet: bool,
    /// The process's variables.
    pub(crate) environment: Environment,
    workspace: Option<String>,
    data_dir: Option<PathBuf>,
}

impl Session {
    /// With what was asked for over the process's variables.
    pub(crate) fn new(globals: Globals, mut environment: Environment) -> Self {
        if let Some(language) = globals.lang {
            environment = environment.with("FABRIK_LANG", language.code());
        }
        Self {
            output: Output::new(globals.quiet, globals.json),
            language: environment.language(),
            json: globals.json,
            quiet: globals.quiet,
            environment,
            workspace: globals.workspace,
            data_dir: globals.data_dir,
        }
    }

    /// The data directory, where it is known.
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        self.data_dir
            .clone()
            .or_else(|| self.environment.data_dir())
    }

    /// The log on stderr, where `RUST_LOG` asks for one.
    pub(crate) fn log_filter(&self) -> Option<&str> {
        self.environment.get("RUST_LOG")
    }

    /// How the workspace is opened.
    pub(crate) fn options(&self) -> Options {
        Options {
            environment: self.environment.clone(),
            data_dir: self.data_dir.clone(),
            workspace: self.workspace.clone(),
            browser: None,
        }
    }

    /// Opens the workspace.
    pub(crate) async fn open(&self) -> Result<Arc<App>, Problem> {
        let options = self.options();
        options.start_log(self.log_filter());
        Ok(Arc::new(App::open(options).await?))
    }

    /// The answer: a document with `--json`, else what `text` writes.
    pub(crate) fn answer<T: Serialize>(
        &self,
        answer: &T,
        text: impl FnOnce(&Output),
    ) -> Result<(), Problem> {
        self.answer_with(answer, None, text)
    }

    /// The answer of a command that does not end well: the document says why at its top.
    pub(crate) fn answer_with<T: Serialize>(
        &self,
        answer: &T,
        problem: Option<&Problem>,
        text: impl FnOnce(&Output),
    ) -> Result<(), Problem> {
        let error = problem.map(|problem| words::error_document(self.language, problem));
        if self.json {
            let value = serde_json::to_value(answer)
                .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
            let mut document = words::explained(self.language, value);
            if let (Some(Value::Object(error)), Value::Object(fields)) = (error, &mut document) {
                for (name, value) in error {
                    fields.entry(name).or_insert(value);
                }
            }
            self.output.document(&document);
        } else {
            text(&self.output);
        }
        Ok(())
    }

    /// Ends a command that was refused or failed.
    pub(crate) fn refuse(&self, problem: &Problem) -> Exit {
        if self.json {
            self.output
                .document(&words::error_document(self.language, problem));
        } else {
            self.complain(problem);
        }
        Exit::of_problem(problem)
    }

    /// Says a problem on stderr, with what to do next.
    pub(crate) fn complain(&self, problem: &Problem) {
        let lines = words::problem_lines(self.language, problem);
        for (place, line) in lines.iter().enumerate() {
            if place == 0 {
                let label = words::Label::Error.get(self.language);
                error_line(format_args!("{} {line}", bad(format_args!("{label}:"))));
            } else {
                error_line(format_args!("  {line}"));
            }
        }
    }

    /// A customer, by id or subdomain as it was typed.
    pub(crate) async fn customer(&self, app: &App, text: &str) -> Result<Customer, Problem> {
        app.store().find_customer(text).await
    }

    /// A run, by its id or by the number people call it by.
    pub(crate) async fn run(&self, app: &App, text: &str) -> Result<Run, Problem> {
        let unknown = || {
            Problem::from(Cause::RunUnknown {
                run: text.to_owned(),
            })
        };
        if let Ok(id) = text.parse() {
            return app.store().run(id).await;
        }
        let number: i64 = text
            .trim_start_matches('#')
            .parse()
            .map_err(|_| unknown())?;
        app.store().run_by_number(number).await?.ok_or_else(unknown)
    }
}
