//! The tables of `docs/RIGHTS.md`.

use std::collections::BTreeMap;

/// A row of a table.
pub(super) struct Row {
    /// What stands in its first column.
    pub(super) label: String,
    /// By column: what is expected.
    pub(super) cells: BTreeMap<String, String>,
}

/// The rows under each heading of the third level, of one chapter.
pub(super) fn chapter(title: &str) -> BTreeMap<String, Vec<Row>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/RIGHTS.md");
    let page = std::fs::read_to_string(path).expect("docs/RIGHTS.md");
    let mut chapters = page.split("\n## ");
    let text = chapters
        .find(|text| text.lines().next() == Some(title))
        .unwrap_or_else(|| panic!("a chapter `{title}`"));
    let mut sections: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let (mut section, mut columns) = (String::new(), Vec::new());
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            heading.trim().clone_into(&mut section);
        }
        let Some(cells) = cells(line) else {
            columns.clear();
            continue;
        };
        let Some((label, cells)) = cells.split_first() else {
            continue;
        };
        if columns.is_empty() {
            columns = cells.to_vec();
        } else if !label.starts_with("---") {
            assert_eq!(
                cells.len(),
                columns.len(),
                "as many cells as columns: {line}"
            );
            sections.entry(section.clone()).or_default().push(Row {
                label: label.clone(),
                cells: columns.iter().cloned().zip(cells.to_vec()).collect(),
            });
        }
    }
    sections
}

/// The cells of a line of a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(
        inner
            .split('|')
            .map(|cell| cell.trim().to_owned())
            .collect(),
    )
}

/// The answer that a cell expects.
pub(super) fn expected(cell: &str) -> String {
    match cell {
        "yes" => "received".to_owned(),
        "–" => "refused".to_owned(),
        code => {
            let code = code
                .strip_prefix('`')
                .and_then(|code| code.strip_suffix('`'));
            code.unwrap_or_else(|| panic!("`{cell}` is neither yes, – nor a code"))
                .to_owned()
        }
    }
}

/// What a label asks: `set` or `delete` with fields, or a case of its own.
pub(super) enum Asked {
    Set(Vec<String>),
    Delete(Vec<String>),
    Case(String),
}

impl Asked {
    pub(super) fn of(label: &str) -> Self {
        let fields = |rest: &str| -> Option<Vec<String>> {
            rest.split(", ")
                .map(|field| Some(field.strip_prefix('`')?.strip_suffix('`')?.to_owned()))
                .collect()
        };
        if let Some(fields) = label.strip_prefix("set ").and_then(fields) {
            Self::Set(fields)
        } else if let Some(fields) = label.strip_prefix("delete ").and_then(fields) {
            Self::Delete(fields)
        } else {
            Self::Case(label.to_owned())
        }
    }
}
