//! Photos: resumable, verified, seen by those who see the report.

use vigie_core::store::blob;

use super::World;
use crate::support::{Phone, client, header, picture};
use vigie_core::sync::machine::Cursors;

/// A phone that has sent the text of a report with this photo, but not the photo.
fn with_photo(world: &World, photo: &[u8]) -> Phone {
    let mut phone = world.server.enrol(world.operator);
    phone.sync();
    phone.report(world.form, world.place, Some(photo));
    while phone.device.waiting().expect("a count") > 0 {
        phone.exchange(Cursors::Fingerprint);
    }
    phone
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("small")
}

#[test]
fn a_photo_reaches_the_lead() {
    let world = World::new();
    let photo = picture(1, 200_000);
    let mut phone = with_photo(&world, &photo);
    phone.sync();
    let lead = world.server.enrol(world.lead);
    let hash = blob::hash(&photo);
    let answer = lead.fetch(&hash);
    assert_eq!(answer.status(), 200, "the lead may see it");
    assert_eq!(
        header(&answer, "content-disposition"),
        "attachment",
        "never shown as a page"
    );
    assert_eq!(
        header(&answer, "x-content-type-options"),
        "nosniff",
        "nor guessed at"
    );
    assert_eq!(header(&answer, "content-type"), "image/png", "its type");
    assert_eq!(answer.bytes().expect("content"), photo, "to the byte");
}

#[test]
fn an_upload_that_was_cut_goes_on_where_it_stopped() {
    let world = World::new();
    let photo = picture(2, 300_000);
    let hash = blob::hash(&photo);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&hash, "image/png", size(&photo));
    assert_eq!(begun.status(), 201, "it begins");
    let location = header(&begun, "location");
    let (first, rest) = photo.split_at(100_000);
    let answer = phone.patch(&location, 0, first.to_vec());
    assert_eq!(
        (
            answer.status().as_u16(),
            header(&answer, "upload-offset").as_str()
        ),
        (204, "100000"),
        "a part"
    );
    assert_eq!(
        phone.fetch(&hash).status(),
        404,
        "half a photo does not count"
    );
    let head = phone.send("HEAD", &location).send().expect("an answer");
    assert_eq!(
        header(&head, "upload-offset"),
        "100000",
        "the server says how much is here"
    );
    let again = phone.begin_upload(&hash, "image/png", size(&photo));
    assert_eq!(
        header(&again, "location"),
        location,
        "beginning again finds it"
    );
    let answer = phone.patch(&location, 100_000, rest.to_vec());
    assert_eq!(answer.status(), 204, "the rest");
    assert_eq!(
        phone.fetch(&hash).bytes().expect("content"),
        photo,
        "the whole"
    );
    let once_more = phone.begin_upload(&hash, "image/png", size(&photo));
    assert_eq!(
        header(&once_more, "upload-offset"),
        size(&photo).to_string(),
        "nothing left to send"
    );
}

/// The server stopped after the last byte and before it could look at it.
#[test]
fn what_had_come_whole_when_the_server_stopped_counts_once_it_is_verified() {
    let world = World::new();
    let photo = picture(9, 10_000);
    let hash = blob::hash(&photo);
    let phone = with_photo(&world, &photo);
    let begin = || phone.begin_upload(&hash, "image/png", size(&photo));
    let part = world.folder.path().join("parts");
    let part = part.join(header(&begin(), "location").replace("/v1/blobs/uploads/", ""));
    std::fs::write(&part, vec![0; photo.len()]).expect("written");
    assert_eq!(
        header(&begin(), "upload-offset"),
        "0",
        "what is not the photo is not said to be here"
    );
    std::fs::write(&part, &photo).expect("written");
    let begun = begin();
    assert_eq!(
        header(&begun, "upload-offset"),
        size(&photo).to_string(),
        "nothing is left to send"
    );
    assert_eq!(
        phone.fetch(&hash).bytes().expect("content"),
        photo,
        "and it counts"
    );
}

#[test]
fn an_offset_that_lies_is_refused() {
    let world = World::new();
    let photo = picture(3, 10_000);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    let location = header(&begun, "location");
    assert_eq!(
        phone.patch(&location, 5, vec![0; 10]).status(),
        409,
        "a gap"
    );
    let mut long = photo;
    long.push(0);
    assert_eq!(
        phone.patch(&location, 0, long).status(),
        413,
        "more than was said"
    );
}

#[test]
fn content_that_is_not_what_its_name_says_is_removed() {
    let world = World::new();
    let photo = picture(4, 10_000);
    let hash = blob::hash(&photo);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&hash, "image/png", size(&photo));
    let location = header(&begun, "location");
    let other = picture(5, 10_000);
    assert_eq!(
        phone.patch(&location, 0, other).status(),
        460,
        "another picture"
    );
    assert_eq!(phone.fetch(&hash).status(), 404, "nothing is there");
    let head = phone.send("HEAD", &location).send().expect("an answer");
    assert_eq!(head.status(), 404, "nor is the upload");
    let begun = phone.begin_upload(&hash, "image/png", size(&photo));
    let answer = phone.patch(&header(&begun, "location"), 0, photo);
    assert_eq!(answer.status(), 204, "the right one still may come");
}

#[test]
fn what_no_document_names_is_not_taken() {
    let world = World::new();
    let phone = world.server.enrol(world.operator);
    let photo = picture(6, 100);
    let answer = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    assert_eq!(answer.status(), 404, "the text comes first");
    let named = picture(7, 100);
    let phone = with_photo(&world, &named);
    let hash = blob::hash(&named);
    for (media_type, length) in [
        ("image/svg+xml", size(&named)),
        ("image/png", 5),
        ("image/png", 26 << 20),
    ] {
        let status = phone.begin_upload(&hash, media_type, length).status();
        assert!(
            status.is_client_error(),
            "{media_type} of {length} bytes: {status}"
        );
    }
}

#[test]
fn a_part_of_a_photo_can_be_asked_for() {
    let world = World::new();
    let photo = picture(8, 10_000);
    let mut phone = with_photo(&world, &photo);
    phone.sync();
    let path = format!("/v1/blobs/{}", blob::hex(&blob::hash(&photo)));
    let ask = |name: &str, value: &str| {
        phone
            .send("GET", &path)
            .header(name, value)
            .send()
            .expect("an answer")
    };
    let part = ask("range", "bytes=9000-");
    assert_eq!(part.status(), 206, "a part");
    assert_eq!(
        header(&part, "content-range"),
        format!("bytes 9000-{}/{}", photo.len() - 1, photo.len()),
        "which"
    );
    let tag = header(&part, "etag");
    assert_eq!(
        part.bytes().expect("content"),
        photo.get(9000..).expect("the end"),
        "the end"
    );
    assert_eq!(ask("range", "bytes=999999-").status(), 416, "past the end");
    assert_eq!(ask("if-none-match", &tag).status(), 304, "known already");
}

#[test]
fn the_server_says_what_uploads_it_takes() {
    let world = World::new();
    let answer = client()
        .request(
            "OPTIONS".parse().expect("a method"),
            format!("{}/v1/blobs", world.server.url),
        )
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 204, "an answer without a token");
    assert_eq!(header(&answer, "tus-version"), "1.0.0", "the protocol");
    assert_eq!(
        header(&answer, "tus-max-size"),
        (25 << 20).to_string(),
        "the largest"
    );
}
