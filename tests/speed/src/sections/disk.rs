//! What a guest and its session cost on disk.

use std::{fs, path::Path, sync::Arc};

use rusqlite::Connection;

use super::Section;
use crate::{
    Result,
    bars::{Bar, Wanted},
    load::{self, Load},
    options::Options,
    product::{self, Product},
    table::{Table, thousands},
};

pub(crate) fn measure(options: &Options, folder: &Path) -> Result<Section> {
    let product = Product::install(&options.server, folder.join("product"), None)?;
    let (before, all_before) = sizes(&product)?;
    let guests_before = guests(&product)?;
    let server = product.serve()?;
    let load = Load {
        connections: options.scale.many,
        per_second: None,
        warm_up: options.scale.pace.warm_up,
        window: options.scale.pace.window * 2,
    };
    load::run(
        &[server.address()],
        &Arc::new(product::guest_login()),
        load,
        || Ok(()),
    )?;
    server.end()?;
    // A checkpoint that a reader was in the way of is made up for.
    let connection = Connection::open(product.file())?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(connection);
    let (after, all_after) = sizes(&product)?;
    let came = guests(&product)? - guests_before;
    let mut table = Table::new(
        1,
        &["file", "guests", "bytes", "bytes per guest and session"],
    );
    let each = |bytes: u64| bytes / came.max(1);
    let database = after.saturating_sub(before);
    let rest = (all_after - after).saturating_sub(all_before - before);
    for (name, bytes) in [("database", database), ("audit log and the rest", rest)] {
        table.push([
            name.to_owned(),
            thousands(came),
            thousands(bytes),
            thousands(each(bytes)),
        ]);
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure, for people")]
    let figure = each(database) as f64;
    let bar = Bar::in_unit("a guest and its session", Wanted::AtMost(400.0), " bytes");
    Ok(Section {
        title: "Disk".to_owned(),
        text: "Guests who logged in over HTTP, after the server has ended.".to_owned(),
        table,
        bars: vec![bar.with("", figure)],
    })
}

/// Bytes of the database, and of everything in the server's folder.
fn sizes(product: &Product) -> Result<(u64, u64)> {
    let file = product.file();
    let folder = file.parent().ok_or("a database without a folder")?;
    Ok((fs::metadata(&file)?.len(), size_of(folder)?))
}

fn size_of(folder: &Path) -> Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() {
            size_of(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(size)
}

fn guests(product: &Product) -> Result<u64> {
    let connection = Connection::open(product.file())?;
    let count: i64 =
        connection.query_row(r#"SELECT count(*) FROM "Users""#, [], |row| row.get(0))?;
    Ok(u64::try_from(count)?)
}
