//! Uploads that lie about what they are, how long, and where they go on.

use reqwest::blocking::Response;
use vigie_core::store::blob;

use super::super::World;
use super::goes_on;
use crate::support::{Phone, header, picture};
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

fn patch(phone: &Phone, location: &str, offset: &str, content: &[u8]) -> Response {
    phone
        .send("PATCH", location)
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", offset)
        .body(content.to_vec())
        .send()
        .expect("an answer")
}

fn offset(phone: &Phone, location: &str) -> String {
    let head = phone.send("HEAD", location).send().expect("an answer");
    header(&head, "upload-offset")
}

#[test]
fn offsets_that_lie_change_nothing() {
    let world = World::new();
    let photo = picture(1, 10_000);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    let location = header(&begun, "location");
    assert_eq!(
        patch(&phone, &location, "0", &photo[..4000]).status(),
        204,
        "a part"
    );
    for (lie, status) in [
        ("0", 409),
        ("3999", 409),
        ("4001", 409),
        ("10008", 409),
        ("18446744073709551615", 409),
        ("18446744073709551616", 422),
        ("-1", 422),
        ("-4000", 422),
        ("4000.0", 422),
        ("0x0fa0", 422),
        ("", 422),
        ("x", 422),
    ] {
        let answer = patch(&phone, &location, lie, &photo[4000..]);
        assert_eq!(answer.status(), status, "`{lie}`");
        assert_eq!(offset(&phone, &location), "4000", "`{lie}` changed nothing");
    }
    assert_eq!(
        patch(&phone, &location, "4000", &photo[4000..]).status(),
        204,
        "the rest"
    );
    let whole = phone.fetch(&blob::hash(&photo)).bytes().expect("content");
    assert_eq!(whole, photo, "to the byte");
    goes_on(&world);
}

#[test]
fn more_bytes_than_were_said_never_lie_on_the_disk() {
    let world = World::new();
    let photo = picture(2, 10_000);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    let location = header(&begun, "location");
    let long = [photo.as_slice(), &[0; 3_000_000]].concat();
    assert_eq!(
        patch(&phone, &location, "0", &long).status(),
        413,
        "past the length"
    );
    let kept: u64 = offset(&phone, &location).parse().expect("a number");
    assert!(kept <= size(&photo), "{kept} bytes");
    let parts = std::fs::read_dir(world.folder.path().join("parts")).expect("the parts");
    for part in parts {
        let length = part.expect("a part").metadata().expect("its size").len();
        assert!(length <= size(&photo), "{length} bytes on the disk");
    }
    let rest = usize::try_from(kept).expect("small");
    let answer = patch(&phone, &location, &kept.to_string(), &photo[rest..]);
    assert_eq!(answer.status(), 204, "the honest rest");
    assert_eq!(
        phone.fetch(&blob::hash(&photo)).status(),
        200,
        "and it counts"
    );
    goes_on(&world);
}

#[test]
fn of_two_who_write_at_once_one_does() {
    let world = World::new();
    let photo = picture(3, 2_000_000);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    let location = header(&begun, "location");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let write = || {
            phone
                .send("PATCH", &location)
                .header("upload-offset", 0)
                .body(photo.clone())
        };
        let requests: Vec<_> = (0..6).map(|_| write()).collect();
        let tries: Vec<_> = requests
            .into_iter()
            .map(|one| scope.spawn(|| one.send().expect("an answer").status().as_u16()))
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().expect("a try"))
            .collect()
    });
    let taken = statuses.iter().filter(|status| **status == 204).count();
    assert_eq!(taken, 1, "{statuses:?}");
    let others = statuses
        .iter()
        .all(|status| [204, 404, 409, 423].contains(status));
    assert!(others, "{statuses:?}");
    let whole = phone.fetch(&blob::hash(&photo)).bytes().expect("content");
    assert_eq!(whole, photo, "to the byte");
    goes_on(&world);
}

#[test]
fn lengths_and_names_that_lie_begin_nothing() {
    use base64::Engine as _;
    let world = World::new();
    let photo = picture(4, 1000);
    let phone = with_photo(&world, &photo);
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let hash = blob::hex(&blob::hash(&photo));
    let named = format!(
        "sha256 {},media_type {}",
        encode(&hash),
        encode("image/png")
    );
    let other = blob::hex(&blob::hash(b"something else"));
    let unnamed = format!(
        "sha256 {},media_type {}",
        encode(&other),
        encode("image/png")
    );
    let page = format!(
        "sha256 {},media_type {}",
        encode(&hash),
        encode("text/html")
    );
    for (what, length, metadata, status) in [
        ("huge", "18446744073709551615", named.as_str(), 413),
        (
            "more than huge",
            "18446744073709551616",
            named.as_str(),
            422,
        ),
        ("26 MiB", "27262976", named.as_str(), 413),
        ("negative", "-1", named.as_str(), 422),
        ("nothing", "0", named.as_str(), 413),
        ("another length", "1009", named.as_str(), 404),
        ("no name", "1008", "", 422),
        ("half a name", "1008", "sha256 xyz", 422),
        ("a hash that nobody named", "1008", unnamed.as_str(), 404),
        ("another type", "1008", page.as_str(), 404),
    ] {
        let answer = phone
            .send("POST", "/v1/blobs")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", length)
            .header("upload-metadata", metadata)
            .send()
            .expect("an answer");
        assert_eq!(answer.status(), status, "{what}");
    }
    let parts = std::fs::read_dir(world.folder.path().join("parts")).expect("the parts");
    assert_eq!(parts.count(), 0, "nothing lies on the disk");
    goes_on(&world);
}

#[test]
fn content_whose_hash_lies_is_removed_and_the_right_one_still_comes() {
    let world = World::new();
    let photo = picture(5, 1000);
    let phone = with_photo(&world, &photo);
    let hash = blob::hash(&photo);
    let mut one_bit = photo.clone();
    one_bit[500] ^= 1;
    for wrong in [one_bit, picture(6, 1000), vec![0; photo.len()]] {
        let begun = phone.begin_upload(&hash, "image/png", size(&photo));
        let answer = patch(&phone, &header(&begun, "location"), "0", &wrong);
        assert_eq!(answer.status(), 460, "not what its name says");
        assert_eq!(phone.fetch(&hash).status(), 404, "it does not count");
    }
    let begun = phone.begin_upload(&hash, "image/png", size(&photo));
    let answer = patch(&phone, &header(&begun, "location"), "0", &photo);
    assert_eq!(answer.status(), 204, "the right one");
    goes_on(&world);
}

#[test]
fn anothers_upload_is_not_there() {
    let world = World::new();
    let photo = picture(7, 1000);
    let phone = with_photo(&world, &photo);
    let begun = phone.begin_upload(&blob::hash(&photo), "image/png", size(&photo));
    let location = header(&begun, "location");
    let colleague = world.server.person("sophie", &["operator"], world.site);
    for mallory in [
        world.server.enrol(colleague),
        world.server.enrol(world.operator),
        world.server.enrol(world.lead),
    ] {
        assert_eq!(
            patch(&mallory, &location, "0", &photo).status(),
            404,
            "to write"
        );
        for method in ["HEAD", "DELETE"] {
            let answer = mallory.send(method, &location).send().expect("an answer");
            assert_eq!(answer.status(), 404, "{method}");
        }
    }
    assert_eq!(offset(&phone, &location), "0", "untouched");
    for id in [
        "",
        "x",
        "../../server.key",
        "%2e%2e%2fserver.key",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let path = format!("/v1/blobs/uploads/{id}");
        let status = phone
            .send("HEAD", &path)
            .send()
            .expect("an answer")
            .status();
        assert!(status.is_client_error(), "`{id}`: {status}");
        let path = format!("/v1/blobs/{id}");
        let status = phone.send("GET", &path).send().expect("an answer").status();
        assert!(status.is_client_error(), "`{id}`: {status}");
    }
    goes_on(&world);
}
