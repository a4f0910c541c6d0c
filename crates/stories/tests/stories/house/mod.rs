//! The rules of the house, held by tests: who may import whom, how long a file and a function may be, where SQL may stand,
//! what must be documented. For everybody who changes the code: a rule that no test holds is soon none.
//! Nothing here starts a server.
mod documents;
mod imports;
pub mod reading;
mod sizes;
pub mod sql;
mod templates;
mod words;
