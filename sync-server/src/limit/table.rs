//! The server's table of limits: everything in the server that needs one of them reads it here. What
//! the exchange and the gate let through stands in `vigie_core::gate::limits` and beside the exchange.
//! `docs/LIMITS.md` lists both, and a test holds it against them.

/// How much and how often. Names say what is counted; those that end in `_bytes` are bytes, in `_ms`
/// milliseconds, in `_a_second` how many a second are given back, all others counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests of one address at once; a whole site may share one.
    pub address_requests: u32,
    /// Requests of one address that are given back a second.
    pub address_requests_a_second: u32,
    /// Connections of one address, proxies excepted.
    pub address_connections: u32,
    /// Wrong codes or passwords of one address before it has to wait.
    pub address_guesses: u32,
    /// The first wait after that; each further wrong one doubles it.
    pub address_guess_wait_ms: i64,
    /// The longest wait of an address.
    pub address_guess_wait_max_ms: i64,
    /// Without a wrong one for this long, an address begins anew.
    pub address_guesses_forgotten_ms: i64,
    /// Wrong passwords for one account, from wherever, before it has to wait.
    pub account_guesses: u32,
    /// The first wait after that; each further wrong one doubles it.
    pub account_guess_wait_ms: i64,
    /// The longest wait for an account.
    pub account_guess_wait_max_ms: i64,
    /// Without a wrong one for this long, an account begins anew.
    pub account_guesses_forgotten_ms: i64,
    /// Requests of one device at once.
    pub device_requests: u32,
    /// Requests of one device that are given back a second.
    pub device_requests_a_second: u32,
    /// Exchanges of one device that run at the same time.
    pub device_exchanges: u32,
    /// Streams of events that one device holds open: tabs of a browser.
    pub device_streams: u32,
    /// What one device may begin to upload in 24 hours.
    pub device_upload_bytes: u64,
    /// Changes that one person may push in 24 hours, what is given back after a restore excepted.
    pub person_pushes: u32,
    /// Photos and packs of the organisation, those on their way included.
    pub org_blob_bytes: u64,
    /// Documents of the organisation from which on the log and the metrics warn.
    pub org_documents_soft: u64,
    /// Documents of the organisation; with so many, no further one is taken in.
    pub org_documents: u64,
    /// Connections at once, where the system's limit of open files allows as many.
    pub connections: usize,
    /// Streams in one connection of HTTP/2.
    pub connection_streams: u32,
    /// Headers of one request.
    pub header_bytes: usize,
    /// The body of a request that has no limit of its own.
    pub body_bytes: usize,
    /// A call of a browser that is signed in: a photo in base64.
    pub call_bytes: usize,
    /// A call of a browser that is not.
    pub stranger_bytes: usize,
    /// Bodies held in memory at once, all requests together.
    pub bodies_bytes: usize,
    /// What is still read of a request that was refused, so that its answer is heard.
    pub refused_body_bytes: usize,
    /// It is not read for longer than this.
    pub refused_body_ms: u64,
    /// Exchanges and web calls that run at once; the others wait their turn.
    pub workers: usize,
    /// Passwords that are stretched at once.
    pub passwords: usize,
    /// Addresses, accounts and devices that are counted at once.
    pub counters: usize,
    /// The TLS handshake must end within.
    pub handshake_ms: u64,
    /// Headers must be here within.
    pub headers_ms: u64,
    /// A body that is read into memory waits this long for room.
    pub room_ms: u64,
    /// A body that brings nothing for this long is taken for cut.
    pub silence_ms: u64,
    /// An answer that takes longer is given up, streams excepted.
    pub answer_ms: u64,
    /// What is under way when the server stops has this long to end.
    pub drain_ms: u64,
    /// An upload that nobody touched for this long is forgotten.
    pub upload_idle_ms: i64,
}

/// The limits in force unless the configuration says otherwise.
pub const LIMITS: Limits = Limits {
    address_requests: 3000,
    address_requests_a_second: 300,
    address_connections: 1024,
    address_guesses: 20,
    address_guess_wait_ms: 2000,
    address_guess_wait_max_ms: 300_000,
    address_guesses_forgotten_ms: 3_600_000,
    account_guesses: 5,
    account_guess_wait_ms: 1000,
    account_guess_wait_max_ms: 900_000,
    account_guesses_forgotten_ms: 86_400_000,
    device_requests: 200,
    device_requests_a_second: 20,
    device_exchanges: 2,
    device_streams: 16,
    device_upload_bytes: 2 * 1024 * 1024 * 1024,
    person_pushes: 50_000,
    org_blob_bytes: 200 * 1024 * 1024 * 1024,
    org_documents_soft: 1_600_000,
    org_documents: 2_000_000,
    connections: 20_000,
    connection_streams: 64,
    header_bytes: 32 * 1024,
    body_bytes: 64 * 1024,
    call_bytes: 36 * 1024 * 1024,
    stranger_bytes: 16 * 1024,
    bodies_bytes: 128 * 1024 * 1024,
    refused_body_bytes: 40 * 1024 * 1024,
    refused_body_ms: 10_000,
    workers: 8,
    passwords: 2,
    counters: 50_000,
    handshake_ms: 10_000,
    headers_ms: 10_000,
    room_ms: 10_000,
    silence_ms: 60_000,
    answer_ms: 120_000,
    drain_ms: 15_000,
    upload_idle_ms: 86_400_000,
};
