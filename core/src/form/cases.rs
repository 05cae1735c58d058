//! Random forms and answers with what [`judge`] says of them, for the screen's interpreter to say
//! the same: `ui/src/lib/form/interpreter.test.ts` reads what the tests here write.
//!
//! The seed is fixed, so the files change only with the rules.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::program::{Answers, FormProgram};
use super::random::{Random, answers, calculator, program, wordy};
use super::{Judged, bundled, judge};

#[derive(Serialize)]
struct Case {
    /// Which of the programs.
    program: usize,
    answers: Answers,
    today: &'static str,
    judged: Judged,
}

#[derive(Serialize, Default)]
struct Cases {
    programs: Vec<FormProgram>,
    cases: Vec<Case>,
}

impl Cases {
    fn add(&mut self, random: &mut Random, form: FormProgram, count: usize) {
        let given = (0..count)
            .map(|_| {
                let answers = answers(random, &form);
                (answers, random.one_of(&["2026-11-22", "2024-02-29", ""]))
            })
            .collect();
        self.keep(form, given);
    }

    fn keep(&mut self, form: FormProgram, given: Vec<(Answers, &'static str)>) {
        for (answers, today) in given {
            let judged = judge(&form, &answers, today);
            self.cases.push(Case {
                program: self.programs.len(),
                answers,
                today,
                judged,
            });
        }
        self.programs.push(form);
    }

    fn json(&self) -> String {
        format!(
            "{}\n",
            serde_json::to_string(self).expect("cases are plain data")
        )
    }
}

fn beside_the_crate(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn thousands_of_cases_are_written_for_the_screen() {
    let mut random = Random(0x5eed);
    let mut cases = Cases::default();
    for form in bundled() {
        cases.add(&mut random, form.clone(), 60);
    }
    for _ in 0..2 {
        let (form, answers) = wordy(&mut random);
        cases.keep(form, vec![(answers, "")]);
    }
    while cases.cases.len() < 4_000 {
        let form = program(&mut random);
        cases.add(&mut random, form, 4);
        let form = calculator(&mut random);
        cases.add(&mut random, form, 4);
    }
    let complete = cases
        .cases
        .iter()
        .filter(|case| case.judged.complete())
        .count();
    assert!(
        complete > 200,
        "the cases must not all be refused: {complete} are complete"
    );
    let scored = cases
        .cases
        .iter()
        .filter(|case| case.judged.score.is_some())
        .count();
    assert!(
        scored > 400,
        "the score must be compared too: {scored} have one"
    );
    let path = std::env::var_os("FORM_CASES")
        .map_or_else(|| beside_the_crate("target/form-cases.json"), PathBuf::from);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).expect("the folder of the cases can be made");
    }
    std::fs::write(&path, cases.json()).expect("the cases can be written");
}

#[test]
fn the_committed_sample_is_what_the_rules_say() {
    let mut random = Random(0xfeed);
    let mut cases = Cases::default();
    while cases.json().len() < 40_000 {
        let form = program(&mut random);
        cases.add(&mut random, form, 3);
        let form = calculator(&mut random);
        cases.add(&mut random, form, 2);
        // Long texts do not belong in a small file.
        cases.cases.retain(|case| {
            !case
                .answers
                .values()
                .any(|a| a.as_text().is_some_and(|text| text.len() > 1_000))
        });
    }
    let path = beside_the_crate("ui/src/lib/generated/form-cases.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if committed != cases.json() {
        std::fs::write(&path, cases.json()).expect("the sample can be written");
        panic!("ui/src/lib/generated/form-cases.json was out of date and is written anew");
    }
}
