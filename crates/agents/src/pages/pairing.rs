//! "Pair an agent": what to run, and the organisation's own words for it.
use crate::{
    http::Agents,
    page::{
        commands::{Commands, KeyTag, commands},
        pairing::{PairPage, Shelved},
    },
    rollout,
    store::{self, Key},
};
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Ask, Failure, Permit,
    db::{self, Lock, View},
    form::{Form, Query},
    journal,
    page::{Entry, Errors, HouseShell, Notice, html, see_other},
};
use kernel::{Act, Action, Event, EventKind, On, Organisation, Outcome, Reason, Stream, Time, act};
use serde::Deserialize;

/// Characters of the own words at most.
const MOST_WORDS: usize = 2_000;
/// Keys that are offered at most.
const MOST_KEYS: usize = 200;

/// Which key, and what was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Came {
    key: Option<String>,
    done: Option<String>,
}

/// Keys that machines can be paired with now, of sites that the reader may pair at: the newest first, each with its site's name.
pub(super) fn usable<A: Act>(view: &mut View, permit: &Permit<A>) -> db::Result<Vec<(Key, String)>> {
    let organisation = Organisation(permit.caller().organisation);
    let is_wanted = |site| {
        let on = On::Site(site);
        permit.may_on(Action::PairAgents, on) || permit.may_on(Action::MakeKeys, on)
    };
    store::usable_keys(view, organisation, is_wanted, permit.now(), MOST_KEYS)
}

/// The card with the commands, for this key.
pub(super) fn card<A: Act>(agents: &Agents, permit: &Permit<A>, key: Option<&(Key, String)>) -> Commands {
    let tag = |(key, _): &(Key, String)| key_tag(key, permit.now());
    Commands {
        site: key.map(|(_, site)| site.clone()).unwrap_or_default(),
        key: key.map(tag),
        may_make: permit.may(Action::MakeKeys),
        each: commands(&agents.house.ground.config.public_url.join("/")),
    }
}

fn key_tag(key: &Key, now: Time) -> KeyTag {
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    KeyTag {
        hint: key.hint.clone(),
        left: whole(key.uses - key.used),
        uses: whole(key.uses),
        lives_for: (key.ends_at - now).words(),
        ends_at: key.ends_at,
        is_preapproved: key.is_preapproved,
    }
}

/// GET `/app/agents/pair`.
pub(super) async fn show(
    State(agents): State<Agents>,
    ask: Ask<act::PairAgents>,
    came: Result<Query<Came>, Failure>,
) -> Result<Response, Failure> {
    let came = came.map(|Query(came)| came).unwrap_or_default();
    let notice = (came.done.as_deref() == Some("words")).then(|| Notice::done("Your words are saved."));
    let mut page = page(&agents, &ask, came.key.as_deref()).await?.1;
    page.notice = notice;
    Ok(html(StatusCode::OK, page))
}

/// The page, for this key or the newest.
async fn page<A: Act>(agents: &Agents, ask: &Ask<A>, key: Option<&str>) -> Result<(Permit<A>, PairPage), Failure> {
    let (permit, (keys, words)) = agents
        .house
        .read(ask, |view, permit| {
            let words = organisations::pairing_words(view, Organisation(permit.caller().organisation))?;
            Ok((usable(view, permit)?, words))
        })
        .await?;
    let chosen = key.and_then(|id| keys.iter().find(|(key, _)| key.id.to_string() == id));
    let chosen = chosen.or(keys.first());
    let page = PairPage {
        shell: HouseShell::new("Pair an agent", Entry::Agents, permit.caller(), permit.now()),
        notice: None,
        errors: Errors::none(),
        chosen: chosen.map(|(key, _)| key.id.to_string()).unwrap_or_default(),
        commands: card(agents, &permit, chosen),
        keys: keys
            .iter()
            .map(|(key, site)| (key.id.to_string(), format!("{site}, {}", key.hint)))
            .collect(),
        signature_key: rollout::signature_key(&agents.house.ground),
        shelf: rollout::SYSTEMS.map(|system| shelved(agents, system)).to_vec(),
        words,
        may_change_words: permit.may(Action::ChangeSettings),
    };
    Ok((permit, page))
}

fn shelved(agents: &Agents, system: rollout::System) -> Shelved {
    Shelved {
        system: system.name,
        file: system.file,
        is_there: rollout::has_program(&agents.house.ground, system),
    }
}

/// The own words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsForm {
    words: String,
}

/// The words as they are kept: ends of lines are one character, and nothing in them that a page does not show.
fn tidied(words: &str) -> Option<String> {
    let plain = words.replace("\r\n", "\n").trim().to_owned();
    let fits = plain.chars().count() <= MOST_WORDS && !plain.chars().any(|c| c.is_control() && c != '\n');
    fits.then_some(plain)
}

/// POST `/app/agents/words`.
pub(super) async fn save_words(
    State(agents): State<Agents>,
    ask: Ask<act::ChangeSettings>,
    form: Form<WordsForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&agents.house, &ask).await?;
    let Some(words) = tidied(&form.words) else {
        return refuse_words(&agents, &ask, form.words).await;
    };
    let chance = agents.house.ground.chance.clone();
    agents
        .house
        .write(&ask, Some(Lock::on("settings", b"")), move |tx, permit| {
            let caller = permit.caller();
            organisations::set_pairing_words(tx, Organisation(caller.organisation), &words)?;
            let stream = Stream::Organisation(caller.organisation);
            let mut event = Event::new(stream, permit.now(), EventKind::SettingsChanged, Outcome::Done, &chance)
                .by(caller.person)
                .from(caller.device, &caller.device_label, &caller.network);
            "words about pairing".clone_into(&mut event.detail);
            journal::append(tx, &event)
        })
        .await?;
    Ok(see_other("/app/agents/pair?done=words"))
}

/// The page again, with what was typed and what is wrong with it.
async fn refuse_words(agents: &Agents, ask: &Ask<act::ChangeSettings>, typed: String) -> Result<Response, Failure> {
    let (permit, mut page) = page(agents, ask, None).await?;
    // Whoever may not see the page is told what is wrong, and nothing else.
    if !permit.may(Action::PairAgents) {
        return Err(ask.failure(StatusCode::UNPROCESSABLE_ENTITY, Reason::PairingWordsInvalid));
    }
    page.words = typed;
    page.errors.push("words", Reason::PairingWordsInvalid);
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_keep_their_lines_and_lose_nothing_else() {
        assert_eq!(
            tidied(" Call 4417.\r\nThen wait.\n").as_deref(),
            Some("Call 4417.\nThen wait.")
        );
        assert_eq!(tidied("").as_deref(), Some(""));
        assert!(
            tidied("a\u{1b}[31m").is_none()
                && tidied(&"ä".repeat(2_001)).is_none()
                && tidied(&"ä".repeat(2_000)).is_some()
        );
    }
}
