//! Drafts: every field is saved as it is typed, on this device first.

use base64::Engine as _;
use serde_json::{Value, json};

use super::document::{DraftDocument, PHOTOS_MAX, PICTURES, Photo};
use super::model::{
    Attachment, AttachmentState, DraftAnnounce, DraftAttach, DraftAttached, DraftDetach, DraftId,
    DraftRow, DraftSave, DraftStart, DraftView, PhotoBring,
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
    let content = decode(&input.base64)?;
    let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let draft = room_for_photo(context, input.id, &input.field, size)?;
    if blob::picture(&content) != Some(&input.media_type) {
        return Err(Error::new(
            Code::NotAPicture,
            "not a JPEG, PNG or WebP picture",
        ));
    }
    let now = context.moment.ms;
    let hash = hex(&blob::keep(context.db, &input.media_type, &content, now)?);
    let photo = Photo {
        media_type: input.media_type.clone(),
        size,
        field: input.field.clone(),
        at: now,
    };
    name_photo(context, &draft, input.id, &hash, &photo)?;
    Ok(DraftAttached { hash })
}

/// Adds a photo of which the content comes later, by [`bring`]: text goes before photos, also where
/// both come as commands.
pub(super) fn announce(context: &mut Context<'_>, input: &DraftAnnounce) -> Result<Empty> {
    let hash = parse_hex(&input.hash)?;
    let draft = room_for_photo(context, input.id, &input.field, input.size)?;
    if !PICTURES.contains(&input.media_type.as_str()) {
        return Err(Error::new(
            Code::NotAPicture,
            "not a JPEG, PNG or WebP picture",
        ));
    }
    let photo = Photo {
        media_type: input.media_type.clone(),
        size: input.size,
        field: input.field.clone(),
        at: context.moment.ms,
    };
    blob::announce(context.db, &hash, &photo.media_type, photo.size, photo.at)?;
    name_photo(context, &draft, input.id, &hex(&hash), &photo)?;
    Ok(Empty {})
}

/// The content of a photo that was announced, whatever has become of its draft. One that was taken
/// away again is not kept.
pub(super) fn bring(context: &mut Context<'_>, input: &PhotoBring) -> Result<Empty> {
    blob::bring(context.db, &decode(&input.base64)?)?;
    context.changed.extend(["draft", "report", "sync"]);
    Ok(Empty {})
}

fn decode(base64: &str) -> Result<Vec<u8>> {
    let most = SIZE_MAX.div_ceil(3).saturating_mul(4);
    if base64.len() > most {
        return Err(Error::new(Code::TooLarge, "a photo of more than 25 MB"));
    }
    base64::engine::general_purpose::STANDARD
        .decode(base64)
        .map_err(|error| Error::invalid(format!("not base64: {error}")))
}

/// The draft, when it takes one more photo there.
fn room_for_photo(context: &Context<'_>, id: Id, field: &str, size: u64) -> Result<DraftDocument> {
    let (draft, program) = read(context, id)?;
    let asked = program.question(field).map(|question| question.kind);
    if asked != Some(QuestionType::Photo) {
        return Err(Error::invalid(format!(
            "no photo is asked for by `{field}`"
        )));
    }
    if usize::try_from(size).map_or(true, |size| size > SIZE_MAX) {
        return Err(Error::new(Code::TooLarge, "a photo of more than 25 MB"));
    }
    if draft.photos.len() >= PHOTOS_MAX {
        return Err(Error::new(
            Code::TooLarge,
            format!("more than {PHOTOS_MAX} photos"),
        ));
    }
    Ok(draft)
}

fn name_photo(
    context: &mut Context<'_>,
    draft: &DraftDocument,
    id: Id,
    hash: &str,
    photo: &Photo,
) -> Result<()> {
    if draft.photos.contains_key(hash) {
        return Ok(());
    }
    let named = serde_json::to_value(photo)?;
    context.edit("draft", id, |document| {
        document.set(&["photos", hash], &named)?;
        document.set(&["updated_at"], &json!(photo.at))
    })?;
    Ok(())
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
