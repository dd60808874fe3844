//! Measures Vestibule beside bare servers, in one run and with one load generator.
//!
//! ```sh
//! cargo build --release --bin vestibule && cargo run --release -p vestibule-speed -- --all
//! ```
//!
//! The servers are processes of their own, with data in a temporary folder. Whatever is compared takes
//! turns. Absolute figures hold for one machine and hour; the ratios are the point. Use a machine that
//! does nothing else.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal that measures real time"
)]

mod bare;
mod bars;
mod benchmarks;
mod contest;
mod hashes;
mod known;
mod load;
mod machine;
mod options;
mod postgres;
mod process;
mod product;
mod requests;
mod rows;
mod scale;
mod sections;
mod table;

use std::process::ExitCode;

use options::{Options, Task};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

fn main() -> ExitCode {
    let done = options::read().and_then(|task| match task {
        Task::BeBare { database, layout } => bare::run(&database, layout),
        Task::Measure(options) => measure(&options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vestibule-speed: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<()> {
    let temporary = match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let machine = machine::description(temporary.path(), options.quick)?;
    println!("{machine}\n");
    if options.quick || cfg!(debug_assertions) {
        println!("NO FIGURE OF THIS RUN MEANS ANYTHING: it is quick, or a debug build.\n");
    }
    let mut failed = Vec::new();
    for name in &options.sections {
        let folder = temporary.path().join(name);
        std::fs::create_dir(&folder)?;
        match sections::measure(name, options, &folder) {
            Ok(section) => {
                println!("{section}");
                if let Some(file) = &options.write {
                    benchmarks::write(file, name, &machine, &section)?;
                }
            }
            // The others are worth as much without it.
            Err(error) => failed.push(format!("{name}: {error}")),
        }
        // A million users need not stay while the next million comes.
        std::fs::remove_dir_all(&folder)?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(failed.join("\n").into())
}
