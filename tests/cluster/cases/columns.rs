//! Records whose columns are not there yet are saved on two servers at once.

use std::{sync::Barrier, thread};

use serde_json::json;

use crate::{call::Call, client::Client, cluster::Cluster, postgres::Database};

/// Callers of each server, and columns that all of them need at once.
const CALLERS: usize = 3;
const COLUMNS: usize = 15;

/// Each caller saves a record with each of the columns, all callers the same one at the same time.
fn save_all(client: &mut Client, server: usize, table: &str, start: &Barrier) {
    for column in 0..COLUMNS {
        let name = format!("column{column}");
        start.wait();
        let call = Call::new("POST", format!("data/{table}")).with(json!({ &name: column }));
        let answer = client.once(server, &call);
        let answer = answer.expect("a server that has nothing else to do answers");
        assert!(answer.is_ok(), "{call:?} on server {server}: {answer:?}");
        assert_eq!(json!(column), answer.body[&name], "{answer:?}");
    }
}

#[test]
fn the_same_new_column_saved_on_two_servers_at_once_is_one_column() {
    let database = Database::make();
    let cluster = Cluster::of(2, &database);
    let start = Barrier::new(2 * CALLERS);
    // A table that is there, and one that is not.
    for table in ["Item", "Novelty"] {
        thread::scope(|scope| {
            for caller in 0..2 * CALLERS {
                let (mut client, start) = (cluster.client(), &start);
                scope.spawn(move || save_all(&mut client, caller % 2, table, start));
            }
        });
        let columns = database.rows(&format!(
            "SELECT count(*) FROM information_schema.columns \
             WHERE table_name = '{table}' AND column_name LIKE 'column%'"
        ));
        assert_eq!(COLUMNS.to_string(), columns[0][0]);
        let described = cluster
            .client()
            .ask(&Call::new("GET", format!("data/{table}/properties")));
        let described = described.as_array().unwrap().iter();
        let name = |column: &serde_json::Value| column["name"].as_str().unwrap().to_owned();
        let described = described
            .map(name)
            .filter(|name| name.starts_with("column"));
        assert_eq!(COLUMNS, described.count());
        for column in 0..COLUMNS {
            let saved =
                format!(r#"SELECT count(*) FROM "{table}" WHERE "column{column}" = {column}"#);
            assert_eq!((2 * CALLERS).to_string(), database.rows(&saved)[0][0]);
        }
    }
    cluster.stop();
}
