//! The counters, with a clock of their own.

use vigie_core::error::Code;

use super::*;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

fn wait_of<T: std::fmt::Debug>(refused: Result<T>) -> i64 {
    let error = refused.expect_err("refused");
    assert_eq!(error.code(), Code::TooManyTries, "its code");
    error.retry_ms().expect("says how long to wait")
}

fn limiter() -> Limiter {
    Limiter::new(Limits {
        address_guesses: 3,
        address_guess_wait_ms: 2000,
        address_guess_wait_max_ms: 10_000,
        address_guesses_forgotten_ms: 60_000,
        account_guesses: 2,
        account_guess_wait_ms: 1000,
        account_guess_wait_max_ms: 4000,
        ..LIMITS
    })
}

#[test]
fn each_wrong_code_past_the_free_ones_doubles_the_wait() {
    let limiter = limiter();
    let mut now = 0;
    for _ in 0..3 {
        drop(limiter.guess(HERE, None, now).expect("a free one"));
    }
    for wait in [2000, 4000, 8000, 10_000, 10_000] {
        assert_eq!(wait_of(limiter.guess(HERE, None, now)), wait, "the wait");
        assert_eq!(
            wait_of(limiter.guess(HERE, None, now + wait - 1)),
            1,
            "until its very end"
        );
        now += wait;
        drop(limiter.guess(HERE, None, now).expect("after the wait"));
    }
    now += 60_000;
    for _ in 0..3 {
        drop(limiter.guess(HERE, None, now).expect("all is forgotten"));
    }
}

#[test]
fn guesses_at_the_same_time_count_before_any_is_known_to_be_wrong() {
    let limiter = limiter();
    let guesses: Vec<Guess> = (0..3)
        .map(|_| limiter.guess(HERE, None, 0).expect("a free one"))
        .collect();
    wait_of(limiter.guess(HERE, None, 0));
    for guess in guesses {
        limiter.right(guess);
    }
    limiter
        .guess(HERE, None, 0)
        .map(drop)
        .expect("they were right");
}

#[test]
fn one_account_is_protected_from_many_addresses_and_its_owner_begins_anew() {
    let limiter = limiter();
    for last in 0..2_u8 {
        let peer = IpAddr::from([198, 51, 100, last]);
        drop(limiter.guess(peer, Some("claire"), 0).expect("a free one"));
    }
    assert_eq!(
        wait_of(limiter.guess(HERE, Some("claire"), 0)),
        1000,
        "the account under attack"
    );
    drop(limiter.guess(HERE, Some("karim"), 0).expect("anyone else"));
    let guess = limiter.guess(HERE, Some("claire"), 1000).expect("after it");
    limiter.right(guess);
    drop(limiter.guess(HERE, Some("claire"), 1000).expect("anew"));
}

#[test]
fn requests_come_back_as_time_passes() {
    let limiter = Limiter::new(Limits {
        device_requests: 10,
        device_requests_a_second: 5,
        ..LIMITS
    });
    let device = Id::from_bytes([1; 16]);
    for _ in 0..10 {
        limiter.device(device, 0).expect("one of ten");
    }
    assert_eq!(wait_of(limiter.device(device, 0)), 200, "the eleventh");
    limiter
        .device(device, 200)
        .expect("after a fifth of a second");
    wait_of(limiter.device(device, 200));
    limiter
        .device(Id::from_bytes([2; 16]), 200)
        .expect("another device");
}

#[test]
fn a_day_s_bytes_and_pushes_come_back_in_a_day() {
    let limiter = Limiter::new(Limits {
        device_upload_bytes: 1000,
        person_pushes: 100,
        ..LIMITS
    });
    let id = Id::from_bytes([1; 16]);
    limiter.upload(id, 1000, 0).expect("a day's worth");
    assert_eq!(
        wait_of(limiter.upload(id, 500, 0)),
        DAY_MS / 2,
        "half a day's worth"
    );
    limiter
        .upload(id, 500, DAY_MS / 2)
        .expect("half a day later");
    limiter.pushes(id, 100, 0).expect("a day's worth");
    wait_of(limiter.pushes(id, 1, 0));
    limiter
        .pushes(id, 1, DAY_MS / 100)
        .expect("a hundredth of it");
}

#[test]
fn what_is_held_is_bounded_and_letting_go_frees_it() {
    let limiter = Limiter::new(Limits {
        address_connections: 3,
        ..LIMITS
    });
    let device = Id::from_bytes([1; 16]);
    let mut streams: Vec<Held> = (0..16)
        .map(|_| limiter.stream(device).expect("one of sixteen"))
        .collect();
    wait_of(limiter.stream(device));
    streams.pop();
    let _stream = limiter.stream(device).expect("after one was closed");
    let exchanges = [limiter.exchange(device), limiter.exchange(device)];
    wait_of(limiter.exchange(device));
    drop(exchanges);
    let _exchange = limiter.exchange(device).expect("after they ended");
    let household = "2001:db8::1".parse().expect("an address");
    let other: IpAddr = "2001:db8::2".parse().expect("an address");
    let _connections = [(); 3].map(|()| limiter.connection(household).expect("one of three"));
    assert!(limiter.connection(other).is_none(), "of one household");
}

#[test]
fn counters_are_bounded_and_the_worst_guessers_stay() {
    let limiter = Limiter::new(Limits {
        counters: 100,
        ..limiter().limits
    });
    for _ in 0..3 {
        drop(limiter.guess(HERE, None, 0).expect("a free one"));
    }
    for n in 0..1000_u32 {
        let peer = IpAddr::from(n.to_be_bytes());
        drop(limiter.guess(peer, None, 0).expect("a first guess"));
        limiter.request(peer, 0).expect("a first request");
    }
    assert!(locked(&limiter.guesses).len() <= 101, "guessers");
    assert!(locked(&limiter.used).len() <= 101, "askers");
    wait_of(limiter.guess(HERE, None, 0));
}
