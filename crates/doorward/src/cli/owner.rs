//! `doorward owner create`: the first organisation and its owner, without a browser.
use super::{End, out, refused};
use crate::{App, Build};
use clap::Args;
use ground::{
    config::Config,
    context::{system_chance, system_clock},
};
use kernel::Secret;
use sign_in::OwnerRefused;
use std::io::{self, Read};

/// Who is to be made.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The owner's e-mail address
    #[arg(long, value_name = "E")]
    email: String,
    /// The owner's name
    #[arg(long, value_name = "N")]
    name: String,
    /// The organisation's name
    #[arg(long, value_name = "O")]
    organisation: String,
}

/// Longer input is no password.
const MOST_BYTES: u64 = 64 * 1024;

pub(super) async fn create(config: Config, wanted: Create) -> Result<(), End> {
    let password = read_password(io::stdin().lock())?;
    let app = App::build(config, system_clock(), system_chance(), Build::default()).await?;
    let Create {
        email,
        name,
        organisation,
    } = &wanted;
    let made = sign_in::create_owner(&app.prover()?, organisation, name, email, password.expose()).await;
    let public_url = app.ground().config.public_url.clone();
    app.ground().store.close().await;
    match made {
        Ok(()) => Ok(out::say(&format!(
            "made the owner {email} of {organisation}; sign in at {}",
            public_url.join("/sign-in")
        ))?),
        Err(OwnerRefused::Store(error)) => Err(anyhow::Error::new(error).context("the owner could not be made").into()),
        Err(why) => Err(refused(format!("the owner was not made: {why}"))),
    }
}

/// All of stdin, without the line break that a terminal or `echo` adds.
fn read_password(from: impl Read) -> Result<Secret<String>, End> {
    let mut text = String::new();
    from.take(MOST_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| End::Misused("the password on stdin is not UTF-8 text".into()))?;
    let end = text.trim_end_matches('\n').trim_end_matches('\r').len();
    text.truncate(end);
    let password = Secret::new(text);
    if password.expose().is_empty() {
        return Err(End::Misused(
            "the password is read from stdin, and nothing came; pipe it in".into(),
        ));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_what_came_without_its_line_break() {
        for (given, read) in [
            ("four plain words", "four plain words"),
            ("a b \n", "a b "),
            ("a b\r\n", "a b"),
            (" a", " a"),
        ] {
            assert!(
                read_password(given.as_bytes()).is_ok_and(|password| password.expose() == read),
                "{given:?}"
            );
        }
        for given in [&b""[..], b"\n", b"\xff"] {
            assert!(matches!(read_password(given), Err(End::Misused(_))), "{given:?}");
        }
    }
}
