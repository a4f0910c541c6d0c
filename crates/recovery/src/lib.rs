//! Getting back in: a new password by mail, a change of address with a way back, and the link that ends everything.
//! For the program. Must never happen: a link or code that works twice or for another person; a stranger who voids the owner's links, floods
//! their mailbox, or learns who has an account; a GET that acts.
mod alarm;
mod code;
mod decide;
mod email;
mod first_aid;
mod flow;
mod forgot;
mod http;
mod letters;
mod link;
mod lost;
mod page;
mod reset;
mod review;
mod settle;
mod store;

pub use email::change_address;
pub use first_aid::{openapi, sign_out_person, start_reset, unlock_person};
pub use http::{Recovery, routes};
pub use link::make_link;
pub use lost::{Draw as LostDraw, remove_by_operator};
pub use review::{REVIEW_AFTER, is_review_due};
pub use store::sweep;
