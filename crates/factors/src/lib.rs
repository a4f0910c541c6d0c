//! What people prove themselves with. For now the password: its form, rules, hash and pool, and the lanes that count failures.
//! For sign-in, set-up, unlock and the change of a password. Must never happen: a password checked without a slot and a counted try.
mod admission;
mod breached;
pub mod decide;
mod hash;
mod lanes;
mod password;
mod pool;
mod prover;
mod rules;
pub mod store;

pub use admission::Asker;
pub use breached::{Breached, Error as BreachedError};
pub use hash::{Cost, Error as HashError, NO_PEPPER, StoredHash};
pub use lanes::{Lanes, network_key};
pub use password::{LONGEST, Password};
pub use pool::{Checked, Full, Padding, Pool, Setting, Slot, pad_to_step, pad_until};
pub use prover::{Attempt, Fault, Proved, Prover, Refused, Source, Subject, Told, address_lock, busy, released};
pub use rules::{Context, Rules, SHORTEST_ALONE, SHORTEST_WITH_FACTOR};
