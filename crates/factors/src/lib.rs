//! What people prove themselves with. For now the password: its form, rules, hash and pool, and the lanes that count failures.
//! For sign-in, set-up, unlock and the change of a password. Must never happen: a password checked without a slot and a counted try.
mod admission;
pub mod app;
pub mod authenticators;
mod breached;
mod code;
pub mod decide;
mod hash;
mod lanes;
mod letters;
mod number;
pub mod passkeys;
mod password;
mod pool;
mod prove_code;
mod prover;
mod qr;
pub mod recovery_codes;
mod rules;
mod shut;
pub mod store;
pub mod text;

pub use admission::Asker;
pub use authenticators::{Authenticator, By, person_lock};
pub use breached::{Breached, Error as BreachedError};
pub use code::Typed;
pub use decide::app::Drift;
pub use hash::{Cost, Error as HashError, NO_PEPPER, Recipe, StoredHash};
pub use lanes::{Lanes, network_key, released};
pub use number::Number;
pub use passkeys::{NewPasskey, PasskeyProof, Passkeys, Roots};
pub use password::{LONGEST, Password};
pub use pool::{Checked, Full, Padding, Pool, Setting, Slot, pad_to_step, pad_until};
pub use prove_code::{CodeAttempt, CodeProved, CodeRefusal, Gate};
pub use prover::{Attempt, Fault, Proved, Prover, Refused, Source, Subject, Told, address_lock, busy};
pub use rules::{Context, Rules, SHORT_FOR, SHORTEST_ALONE, SHORTEST_WITH_FACTOR};
