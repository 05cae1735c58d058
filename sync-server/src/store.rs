//! Where the server keeps what it was given. `vigie_core::sync::store::Store` is what the exchange
//! needs of it; accounts, blobs and the audit are beside it.

pub mod sqlite;
