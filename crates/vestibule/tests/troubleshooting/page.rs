//! The page, in two files: messages are quoted, and what they mean stands below.

/// The page as it is written.
pub(crate) struct Page {
    quotes: Vec<String>,
    without_a_cure: Vec<String>,
}

impl Page {
    pub(crate) fn read() -> Self {
        Self::of(concat!(
            include_str!("../../docs/troubleshooting.md"),
            "\n",
            include_str!("../../docs/troubleshooting_start.md"),
        ))
    }

    /// Each paragraph of a quote is one message.
    fn of(text: &str) -> Self {
        let mut page = Self {
            quotes: Vec::new(),
            without_a_cure: Vec::new(),
        };
        let mut paragraph: Vec<&str> = Vec::new();
        let mut waiting_for_a_cure = false;
        // A line behind the last one, which ends whatever is open.
        for line in text.lines().chain(["# the end"]) {
            match line.strip_prefix('>') {
                Some(quoted) if !quoted.trim().is_empty() => {
                    paragraph.push(quoted.trim());
                    waiting_for_a_cure = true;
                    continue;
                }
                _ if !paragraph.is_empty() => {
                    page.quotes.push(paragraph.join(" "));
                    paragraph.clear();
                }
                _ => {}
            }
            let is_text = !line.is_empty() && !line.starts_with(['>', '#']);
            if is_text {
                waiting_for_a_cure = false;
            } else if waiting_for_a_cure && line.starts_with('#') {
                page.without_a_cure.extend(page.quotes.last().cloned());
                waiting_for_a_cure = false;
            }
        }
        page
    }

    /// The messages on it.
    pub(crate) fn quotes(&self) -> &[String] {
        &self.quotes
    }

    /// Messages after which a section ends.
    pub(crate) fn quotes_without_a_cure(&self) -> Vec<String> {
        self.without_a_cure.clone()
    }
}

#[test]
fn each_paragraph_of_a_quote_is_a_message() {
    let page = Page::of("# One\n\n> a b\n> c\n>\n> d\n\nCure.\n\n> e\n\n# Two\n");
    assert_eq!(["a b c", "d", "e"].as_slice(), page.quotes());
    assert_eq!(vec!["e".to_owned()], page.quotes_without_a_cure());
}
