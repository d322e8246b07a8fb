//! One statement with parameters, as the database's owner: what people wrote goes beside the SQL, never into it.

use fabrik_domain::failure::Failure;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Management, management::SQL_TIMEOUT};
use crate::Call;

/// The body of `V1RunQueryBody`.
#[derive(Serialize)]
struct Statement<'a> {
    query: &'a str,
    parameters: &'a [Value],
    read_only: bool,
}

impl Management {
    /// Reads rows by one statement with parameters: `v1-run-a-query`, told to change nothing. The call that is for
    /// reading alone takes no parameters.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        reference: &str,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<T>, Failure> {
        const CALL: Call = Call::reads("v1-run-a-query")
            .needs(&["database_write"])
            .within(SQL_TIMEOUT);
        self.state(CALL, reference, sql, parameters, true).await
    }

    /// Changes rows by one statement with parameters, all of it or nothing, and gives the rows that it returns:
    /// `v1-run-a-query`.
    pub async fn change<T: DeserializeOwned>(
        &self,
        reference: &str,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<T>, Failure> {
        const CALL: Call = Call::changes("v1-run-a-query")
            .needs(&["database_write"])
            .within(SQL_TIMEOUT);
        self.state(CALL, reference, sql, parameters, false).await
    }

    async fn state<T: DeserializeOwned>(
        &self,
        call: Call,
        reference: &str,
        query: &str,
        parameters: &[Value],
        read_only: bool,
    ) -> Result<Vec<T>, Failure> {
        let statement = Statement {
            query,
            parameters,
            read_only,
        };
        self.account
            .post(call, ["v1", "projects", reference, "database", "query"])
            .json(&statement)
            .receive()
            .await
    }
}
