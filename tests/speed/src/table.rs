//! Tables for people: Markdown that reads well on a terminal, too.

use std::fmt;

/// A table whose first columns are texts and whose others are figures.
pub(crate) struct Table {
    texts: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these columns, the first so many of which are texts.
    pub(crate) fn new(texts: usize, header: &[&str]) -> Self {
        let header = header.iter().map(|&name| name.to_owned()).collect();
        Self {
            texts,
            rows: vec![header],
        }
    }

    pub(crate) fn push(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows[0].len();
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
                .max(2)
        };
        let widths: Vec<_> = (0..columns).map(width).collect();
        for (number, row) in self.rows.iter().enumerate() {
            for (at, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                if at < self.texts {
                    write!(f, "| {cell:<width$} ")?;
                } else {
                    write!(f, "| {cell:>width$} ")?;
                }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (at, &width) in widths.iter().enumerate() {
                    let dashes = "-".repeat(width);
                    let end = if at < self.texts { '-' } else { ':' };
                    write!(f, "|-{dashes}{end}")?;
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// A rate or a count: as many digits as say something.
pub(crate) fn rate(value: f64) -> String {
    match value {
        value if value >= 1000.0 => thousands((value / 10.0).round() as u64 * 10),
        value if value >= 100.0 => format!("{value:.0}"),
        value => format!("{value:.1}"),
    }
}

/// A number with its thousands apart.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time in milliseconds.
pub(crate) fn millis(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A ratio.
pub(crate) fn ratio(value: f64) -> String {
    format!("{value:.2}")
}

/// Bytes, in megabytes of a million.
pub(crate) fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a figure, for people")]
    let megabytes = bytes as f64 / 1e6;
    match megabytes {
        megabytes if megabytes >= 100.0 => format!("{megabytes:.0}"),
        megabytes => format!("{megabytes:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_to_the_left_and_figures_to_the_right() {
        let mut table = Table::new(1, &["case", "per s"]);
        table.push(["guest login".to_owned(), rate(64_123.4)]);
        let lines = [
            "| case        |  per s |",
            "|-------------|-------:|",
            "| guest login | 64,120 |",
        ];
        assert_eq!(lines.join("\n") + "\n", table.to_string());
    }
}
