//! What people change of their own account without proving anew who they are: the name, and the language of their mails.
//! Must never happen: one of two changes that were sent together kept without the other.
use crate::{
    Sessions,
    http::{own_event, refused, see_other},
};
use axum::{extract::State, response::Response};
use ground::{Ask, Failure, form::Form, journal, page::Errors};
use kernel::{Deployment, EventKind, FieldError, Language, Outcome, Reason, act};
use serde::Deserialize;

/// What is to be another than it was.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub name: Option<String>,
    pub language: Option<Language>,
}

/// Makes the change, and tells of it.
pub(crate) async fn settle(state: &Sessions, ask: &Ask<act::ChangeOwn>, change: Change) -> Result<(), Failure> {
    let chance = state.house.ground.chance.clone();
    let (_, ()) = state
        .house
        .write(ask, None, move |tx, permit| {
            let (person, mut kinds) = (permit.caller().person, Vec::new());
            if let Some(name) = &change.name {
                people::rename(tx, Deployment, person, name)?;
                kinds.push(EventKind::NameChanged);
            }
            if let Some(language) = change.language {
                people::change_language(tx, Deployment, person, language)?;
                kinds.push(EventKind::LanguageChanged);
            }
            let told = |kind| own_event(tx, permit, kind, Outcome::Done, &chance);
            let events = kinds.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
            journal::append_all(tx, &events)
        })
        .await?;
    Ok(())
}

/// The language of a tag, or what is wrong with it.
pub(crate) fn language(tag: &str) -> Result<Language, FieldError> {
    Language::from_tag(tag.trim()).ok_or_else(|| {
        let why = Reason::LanguageUnknown;
        FieldError {
            message: format!("{} {}", why.person(), why.next()),
            ..FieldError::new("language", why)
        }
    })
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LanguageForm {
    language: String,
}

/// POST `/app/security/language`.
pub(crate) async fn change_language(
    State(state): State<Sessions>,
    ask: Ask<act::ChangeOwn>,
    form: Form<LanguageForm>,
) -> Result<Response, Failure> {
    let form = form.open_for(&state.house, &ask).await?;
    let language = match language(&form.language) {
        Ok(language) => language,
        Err(error) => return refused(&state.house, &ask, Errors::from(vec![error])).await,
    };
    let change = Change {
        language: Some(language),
        ..Change::default()
    };
    settle(&state, &ask, change).await?;
    Ok(see_other("/app/security?done=language"))
}
