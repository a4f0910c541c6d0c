//! What all pages share: the shells, the parts, the assets, the error pages. For every crate that shows a page.
//! Must never happen: a page with a nonce, a time of rendering or anything random in it, an inline script or style, or an answer that a cache may keep.
mod answer;
mod assets;
mod chart;
mod error;
mod field;
mod part;
pub mod sample;
mod shell;

pub use answer::{HelpPage, html, see_other};
pub use assets::{asset, asset_routes};
pub use chart::{Day, SignInChart};
pub use error::{ErrorExtra, error_page};
pub use field::{Errors, Field, Secret, Tick};
pub use part::{Figure, Notice, Tag, When};
pub use shell::{DoorShell, Entry, HouseShell};
