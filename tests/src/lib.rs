//! What the tests of the whole and the measuring program share: chance with a seed, a server
//! without a socket, words as people write them, and changes as nobody should.

pub mod bulk;
pub mod chance;
pub mod counted;
pub mod faults;
pub mod faulty;
pub mod floor;
pub mod fuzz;
pub mod hub;
pub mod poison;
pub mod proxy;
pub mod upload;
pub mod wire;
pub mod words;
