//! Drafts: every field is saved as it is typed, on this device first.

use base64::Engine as _;
use serde_json::{Value, json};

use super::document::{DraftDocument, PHOTOS_MAX, PICTURES};
use super::model::{
    Attachment, AttachmentState, DraftAttach, DraftAttached, DraftDetach, DraftId, DraftRow,
    DraftSave, DraftStart, DraftView,
};
use crate::account::Empty;
use crate::context::Context;
use crate::error::{Code, Error, Result};
use crate::form::{Answer, Answers, FormProgram, QuestionType};
use crate::id::Id;
use crate::program;
use crate::store::blob::{self, Place, SIZE_MAX, hex, parse_hex};

/// Begins a draft; beginning it again opens it.
pub(super) fn start(context: &mut Context<'_>, input: &DraftStart) -> Result<DraftView> {
    if !context.exists(input.id)? {
        let program = program::get(context.db, input.form, Some(input.release))?;
        let answers = crate::form::defaults(&program, &context.moment.day());
        context.create(
            "draft",
            input.id,
            &json!({
                "form": input.form, "release": input.release, "practice": input.practice,
                "answers": answers, "photos": {}, "updated_at": context.moment.ms,
            }),
        )?;
    }
    view(context, input.id)
}

/// Saves one answer. What breaks a rule of the form is saved too: it is the person's work; sealing
/// says what is missing.
pub(super) fn save(context: &mut Context<'_>, input: &DraftSave) -> Result<Empty> {
    let (draft, program) = read(context, input.id)?;
    if program.question(&input.field).is_none() {
        return Err(Error::invalid(format!("no question `{}`", input.field)));
    }
    let value = serde_json::to_value(&input.value)?;
    if value.to_string().len() > 128 * 1024 {
        return Err(Error::new(Code::TooLarge, "an answer of more than 128 KiB"));
    }
    if draft.answers.get(&input.field) == input.value.as_ref() {
        return Ok(Empty {});
    }
    let now = context.moment.ms;
    context.edit("draft", input.id, |document| {
        document.set(&["answers", &input.field], &value)?;
        document.set(&["updated_at"], &json!(now))
    })?;
    Ok(Empty {})
}

/// Adds a photo.
pub(super) fn attach(context: &mut Context<'_>, input: &DraftAttach) -> Result<DraftAttached> {
    let (draft, program) = read(context, input.id)?;
    let asked = program.question(&input.field).map(|question| question.kind);
    if asked != Some(QuestionType::Photo) {
        return Err(Error::invalid(format!(
            "no photo is asked for by `{}`",
            input.field
        )));
    }
    if input.base64.len()
        > SIZE_MAX
            .saturating_mul(4)
            .saturating_div(3)
            .saturating_add(4)
    {
        return Err(Error::new(Code::TooLarge, "a photo of more than 25 MB"));
    }
    let content = base64::engine::general_purpose::STANDARD
        .decode(input.base64.as_bytes())
        .map_err(|error| Error::invalid(format!("not base64: {error}")))?;
    let known = PICTURES.iter().find(|known| **known == input.media_type);
    let Some(media_type) = known.filter(|media_type| is_picture(media_type, &content)) else {
        return Err(Error::new(
            Code::NotAPicture,
            "not a JPEG, PNG or WebP picture",
        ));
    };
    if draft.photos.len() >= PHOTOS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("more than {PHOTOS_MAX} photos"),
        ));
    }
    let now = context.moment.ms;
    let hash = hex(&blob::keep(context.db, media_type, &content, now)?);
    let photo = json!({
        "media_type": media_type, "size": content.len(), "field": input.field, "at": now,
    });
    if !draft.photos.contains_key(&hash) {
        context.edit("draft", input.id, |document| {
            document.set(&["photos", &hash], &photo)?;
            document.set(&["updated_at"], &json!(now))
        })?;
    }
    Ok(DraftAttached { hash })
}

/// Takes a photo away again.
pub(super) fn detach(context: &mut Context<'_>, input: &DraftDetach) -> Result<Empty> {
    let (draft, _program) = read(context, input.id)?;
    if !draft.photos.contains_key(&input.hash) {
        return Ok(Empty {});
    }
    let now = context.moment.ms;
    context.edit("draft", input.id, |document| {
        document.set(&["photos", &input.hash], &Value::Null)?;
        document.set(&["updated_at"], &json!(now))
    })?;
    Ok(Empty {})
}

/// A draft, whole.
pub(super) fn open(context: &mut Context<'_>, input: &DraftId) -> Result<DraftView> {
    view(context, input.id)
}

/// The drafts, the latest first.
pub(super) fn list(context: &mut Context<'_>, _input: &Empty) -> Result<Vec<DraftRow>> {
    let ids: Vec<Id> = context
        .db
        .prepare_cached("SELECT id FROM draft ORDER BY updated_at DESC")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for id in ids {
        let (draft, program) = read(context, id)?;
        rows.push(DraftRow {
            id,
            report_type: program.report_type,
            title: crate::form::title(&program, &draft.answers, "fr"),
            form_title: program.title,
            practice: draft.practice,
            updated_at: draft.updated_at,
            photos: u32::try_from(draft.photos.len()).unwrap_or(u32::MAX),
        });
    }
    Ok(rows)
}

/// Gives a draft up; its history stays in the author's own scope.
pub(super) fn discard(context: &mut Context<'_>, input: &DraftId) -> Result<Empty> {
    read(context, input.id)?;
    context.edit("draft", input.id, |document| {
        document.set(&["discarded"], &json!(true))
    })?;
    Ok(Empty {})
}

/// A draft that is still one, and the release it is pinned to.
pub(super) fn read(context: &Context<'_>, id: Id) -> Result<(DraftDocument, FormProgram)> {
    let draft: DraftDocument = context.read("draft", id)?;
    if draft.sealed.is_some() || draft.discarded {
        return Err(Error::new(
            Code::AlreadyDone,
            format!("the draft `{id}` is done"),
        ));
    }
    let program = program::get(context.db, draft.form, Some(draft.release))?;
    Ok((draft, program))
}

/// The answers with the photos of each photo question, oldest first.
pub(super) fn answers(draft: &DraftDocument, program: &FormProgram) -> Answers {
    let mut answers = draft.answers.clone();
    for question in program
        .questions
        .iter()
        .filter(|one| one.kind == QuestionType::Photo)
    {
        let mut photos: Vec<(i64, &String)> = draft
            .photos
            .iter()
            .filter(|(_, photo)| photo.field == question.name)
            .map(|(hash, photo)| (photo.at, hash))
            .collect();
        photos.sort();
        if photos.is_empty() {
            answers.remove(&question.name);
        } else {
            let hashes = photos.into_iter().map(|(_, hash)| hash.clone()).collect();
            answers.insert(question.name.clone(), Answer::List(hashes));
        }
    }
    answers
}

/// The photos as a screen shows them.
pub(super) fn attachments(
    context: &Context<'_>,
    photos: &std::collections::BTreeMap<String, super::document::Photo>,
) -> Result<Vec<Attachment>> {
    let mut list = Vec::new();
    for (hash, photo) in photos {
        let state = match blob::place(context.db, &parse_hex(hash)?)? {
            Place::Here => AttachmentState::Here,
            Place::Sent => AttachmentState::Sent,
            Place::Away => AttachmentState::Away,
        };
        list.push((
            photo.at,
            Attachment {
                hash: hash.clone(),
                media_type: photo.media_type.clone(),
                size: photo.size,
                field: photo.field.clone(),
                state,
            },
        ));
    }
    list.sort_by(|one, other| (one.0, &one.1.hash).cmp(&(other.0, &other.1.hash)));
    Ok(list.into_iter().map(|(_, attachment)| attachment).collect())
}

fn view(context: &Context<'_>, id: Id) -> Result<DraftView> {
    let (draft, program) = read(context, id)?;
    Ok(DraftView {
        id,
        practice: draft.practice,
        answers: answers(&draft, &program),
        attachments: attachments(context, &draft.photos)?,
        updated_at: draft.updated_at,
        program,
    })
}

/// Whether the first bytes are those of the kind of picture that is claimed.
fn is_picture(media_type: &str, content: &[u8]) -> bool {
    match media_type {
        "image/jpeg" => content.starts_with(&[0xff, 0xd8, 0xff]),
        "image/png" => content.starts_with(&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a]),
        "image/webp" => content.starts_with(b"RIFF") && content.get(8..12) == Some(b"WEBP"),
        _ => false,
    }
}
