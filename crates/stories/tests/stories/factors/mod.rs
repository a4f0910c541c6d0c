//! Second factors: the steps of a sign-in, step-up, and the ways to sign in of one's own.
pub(crate) mod flow;
mod flow_code;
mod flow_device;
mod flow_enrol;
mod flow_order;
mod flow_passkey;
pub(crate) mod passkeys;
mod programs;
mod recovery;
mod short_password;
mod step_up;
mod texts;
pub(crate) mod tour;
mod ways;
